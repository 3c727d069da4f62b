"""The secrets of one service, for its operator: which keys they need, and their rotation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.db.database import Database
from shared.db.rotation import NO_KEY, Key, SealedColumn, Secrets, Use, rotate, uses
from shared.telemetry.logs import get_logger

MAX_NAMED = 20
"""Envelopes that do not open and are named one by one; the others are counted."""

Progress = Callable[[int], None]
"""Is told how many more envelopes were looked at."""

_LOG = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KeyUse:
    """All that is sealed with one key; `known` when the ring has that key."""

    key_id: str
    rows: int
    current: bool
    known: bool


@dataclass(frozen=True, slots=True)
class Rotated:
    """`rotated` envelopes have the current key now; `changed` ones were replaced meanwhile.

    `unreadable` ones were left as they are: `named` says of the first of them where and why.
    """

    service: str
    rotated: int
    changed: int
    unreadable: int
    named: tuple[str, ...]
    left: tuple[Use, ...]


def no_progress(_envelopes: int) -> None:
    """For callers that tell nobody."""


class KeyDesk:
    """Each step is a transaction of its own; DatabaseUnavailableError while Postgres is away."""

    def __init__(self, service: str, database: Database, secrets: Secrets) -> None:
        self.service = service
        self.ring = secrets.ring
        self._database = database
        self._columns = secrets.columns

    async def uses(self) -> list[Use]:
        """Which keys are in use, column by column."""
        found: list[Use] = []
        for column in self._columns:
            async with self._database.begin() as conn:
                found += await uses(conn, column)
        return found

    async def rotate(
        self, *, by: str, steps: int | None = None, progress: Progress = no_progress
    ) -> Rotated:
        """Seals what needs an old key with the current one; so many steps, or to the end.

        May be stopped at any moment and begun again: what has the current key is passed by.
        """
        tally = _Tally()
        try:
            for column in self._columns:
                steps = await self._through(column, tally, steps, progress)
        finally:
            _LOG.info(
                "secrets were sealed with the current key",
                by=by,
                of=self.service,
                key_id=self.ring.current_id,
                rows=tally.rotated,
                unreadable=len(tally.unreadable),
            )
        return Rotated(
            self.service,
            tally.rotated,
            tally.changed,
            len(tally.unreadable),
            tuple(tally.unreadable[:MAX_NAMED]),
            tuple(one for one in await self.uses() if one.key_id != self.ring.current_id),
        )

    async def _through(
        self, column: SealedColumn, tally: "_Tally", steps: int | None, progress: Progress
    ) -> int | None:
        """One column; answers how many steps are left for the others."""
        after: Key | None = None
        while steps is None or steps > 0:
            async with self._database.begin() as conn:
                step = await rotate(conn, self.ring, column, after)
            tally.rotated += step.rotated
            tally.changed += step.changed
            tally.unreadable += step.unreadable
            progress(step.rotated + step.changed + len(step.unreadable))
            steps = None if steps is None else steps - 1
            after = step.after
            if after is None:
                break
        return steps


class _Tally:
    def __init__(self) -> None:
        self.rotated = 0
        self.changed = 0
        self.unreadable: list[str] = []


def by_key(desks: Sequence[KeyDesk], found: Sequence[Use]) -> list[KeyUse]:
    """All keys of the rings and all that are in use, the current one first."""
    current = {desk.ring.current_id for desk in desks}
    known = list(dict.fromkeys(key_id for desk in desks for key_id in desk.ring.ids))
    others = sorted({one.key_id for one in found} - set(known))
    return [
        KeyUse(
            key_id,
            sum(one.rows for one in found if one.key_id == key_id),
            current=key_id in current,
            known=key_id in known,
        )
        for key_id in (*known, *others)
    ]


def advice(use: KeyUse) -> str:
    """What an admin may do about a key."""
    if use.current:
        return "the current key: keep it"
    if use.key_id == NO_KEY:
        return "damaged: not an encrypted value. Connect these sides again"
    if not use.known:
        return (
            "CAUSEWAY_KEY_RING does not have this key. Put it behind the current one and rotate; "
            "if it is lost, connect again what needs it"
        )
    if use.rows:
        return "keep it in CAUSEWAY_KEY_RING: rows need it. Rotate"
    return (
        "may be taken out of CAUSEWAY_KEY_RING, once every process runs with the current key first"
    )
