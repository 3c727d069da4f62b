"""The mailbox of one service, for its operator: list, requeue, park; each act is in the log."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.database import Database
from shared.kernel.errors import CausewayError, FatalError, RetriableError
from shared.outbox.mailbox import Mailbox
from shared.outbox.mailbox_operations import (
    Key,
    LaneSummary,
    MailboxOperations,
    Step,
    Waiting,
    Which,
)
from shared.telemetry.logs import get_logger

MAX_WHY = 200
"""Characters of the reason of a parking: it is kept and shown with every record."""

Progress = Callable[[int], None]
"""Is told how many more records were looked at."""

_Act = Callable[[AsyncConnection, Key | None], Awaitable[Step]]
_LOG = get_logger(__name__)


class LaneUnknownError(FatalError):
    """No mailbox that was asked has ever had a record of that lane."""

    def __init__(self, lane: str, known: dict[str, list[str]]) -> None:
        listed = "; ".join(
            f"{service}: {', '.join(lanes) or 'none so far'}" for service, lanes in known.items()
        )
        super().__init__(
            f"There is no lane {lane}. The lanes there are, by service: {listed}.",
            code="lane_unknown",
        )


class StoppedError(RetriableError):
    """A requeue or a parking came to a stop on its way; its code is that of the cause."""

    def __init__(self, done: int, why: CausewayError) -> None:
        super().__init__(
            f"{why} Records that were done before: {done}. The others are as they were: repeat the "
            "command when the cause is gone.",
            code=why.code,
        )


@dataclass(frozen=True, slots=True)
class Done:
    """`done` records, and `held` ones that are in work; `left` behind them were not looked at."""

    service: str
    done: int
    held: int
    left: int
    after: Key | None


def no_progress(_records: int) -> None:
    """For callers that tell nobody."""


class MailboxDesk:
    """Each step is a transaction of its own; DatabaseUnavailableError while Postgres is away."""

    def __init__(self, service: str, database: Database, mailbox: Mailbox) -> None:
        self.service = service
        self._database = database
        self._operations = MailboxOperations(mailbox)

    async def known_lanes(self) -> list[str]:
        """The object types that this service ever had a record of."""
        async with self._database.begin() as conn:
            return await self._operations.known_lanes(conn)

    async def page(self, which: Which, *, limit: int, after: Key | None = None) -> list[Waiting]:
        """Records that wait, in the order of their keys."""
        async with self._database.begin() as conn:
            return await self._operations.page(conn, which, limit=limit, after=after)

    async def lanes(self, which: Which) -> list[LaneSummary]:
        """Every lane that has such records, and what they wait for."""
        async with self._database.begin() as conn:
            return await self._operations.lanes(conn, which)

    async def requeue(
        self,
        which: Which,
        *,
        by: str,
        after: Key | None = None,
        steps: int | None = None,
        progress: Progress = no_progress,
    ) -> Done:
        """Has records tried now, parked ones too; so many steps, or all of them."""

        async def act(conn: AsyncConnection, behind: Key | None) -> Step:
            return await self._operations.requeue(conn, which, by=by, after=behind)

        return await self._go(
            "records are requeued", which, act, by=by, after=after, steps=steps, progress=progress
        )

    async def park(
        self,
        which: Which,
        *,
        by: str,
        why: str,
        after: Key | None = None,
        steps: int | None = None,
        progress: Progress = no_progress,
    ) -> Done:
        """Puts records aside, but for those in work; so many steps, or all of them.

        `why` is shown with each record; it is not logged, as people write what they like.
        """

        async def act(conn: AsyncConnection, behind: Key | None) -> Step:
            return await self._operations.park(conn, which, by=by, why=why, after=behind)

        return await self._go(
            "records are parked", which, act, by=by, after=after, steps=steps, progress=progress
        )

    async def _go(
        self,
        what: str,
        which: Which,
        act: _Act,
        *,
        by: str,
        after: Key | None,
        steps: int | None,
        progress: Progress,
    ) -> Done:
        done = held = 0
        try:
            while steps is None or steps > 0:
                async with self._database.begin() as conn:
                    step = await act(conn, after)
                done, held, after = done + step.done, held + step.held, step.after
                steps = None if steps is None else steps - 1
                progress(step.done + step.held)
                if after is None:
                    break
            return Done(self.service, done, held, await self._left(which, after), after)
        except CausewayError as error:
            raise StoppedError(done, error) from error
        finally:
            _LOG.info(what, by=by, of=self.service, records=done, in_work=held, **_given(which))

    async def _left(self, which: Which, after: Key | None) -> int:
        if after is None:
            return 0
        async with self._database.begin() as conn:
            return await self._operations.count(conn, which, after=after)


async def with_lane(desks: Sequence[MailboxDesk], lane: str | None) -> list[MailboxDesk]:
    """The desks that know the lane, all of them for None; LaneUnknownError when none does."""
    if lane is None:
        return list(desks)
    known = {desk.service: await desk.known_lanes() for desk in desks}
    chosen = [desk for desk in desks if lane in known[desk.service]]
    if not chosen:
        raise LaneUnknownError(lane, known)
    return chosen


def _given(which: Which) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(which).items() if value is not None}
