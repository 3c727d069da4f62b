"""`python -m services mailbox list|requeue|park`.

Exit codes: 0 done, 1 something failed (a database that is away), 2 the command or the environment
is wrong. Requeue and park do nothing before they are told to.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer

from shared.kernel.errors import CausewayError, RetriableError
from shared.kernel.records import Side
from shared.outbox.mailbox_operations import EVERY, Key, LaneSummary, Waiting, Which
from shared.runtime.operations import mailbox_printing as printing
from shared.runtime.operations.deployment import Deployment
from shared.runtime.operations.mailbox_desk import MAX_WHY, Done, MailboxDesk, Progress, with_lane
from shared.runtime.operations.mailbox_printing import Trouble
from shared.runtime.operations.terminal import FAILED, console, operator, progress_bar, wrong
from shared.runtime.process import Definition
from shared.telemetry.logs import configure_logs

T = TypeVar("T")
PAGE = 1_000
"""Rows of one look; a list of any length is read page by page."""

MAX_SHOWN = 1_000_000
"""`--limit` only spares a terminal."""

OfService = Annotated[str | None, typer.Option("--service", help="The mailbox of one service.")]
Connection = Annotated[UUID | None, typer.Option(help="Records of one connection, by its UUID.")]
Lane = Annotated[str | None, typer.Option(help="Records of one object type, such as contact.")]
OfSide = Annotated[Side | None, typer.Option("--side", help="Records of one CRM.")]
Record = Annotated[str | None, typer.Option(help="One record, by its CRM's id.")]
All = Annotated[bool, typer.Option("--all", help="Every record, where nothing else is given.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Execute = Annotated[bool, typer.Option("--yes", "--execute", help="Do it; else only the plan.")]
Why = Annotated[str, typer.Option(help="Is shown with each record; no personal values, please.")]


def commands(names: Sequence[str], load: Callable[[str], Definition[Any]]) -> typer.Typer:
    """The commands over these services."""
    app = typer.Typer(help="Records whose changes wait.", no_args_is_help=True)

    @app.callback()
    def deployed(ctx: typer.Context) -> None:
        configure_logs(service="mailbox")
        ctx.obj = Deployment(names, load)

    app.command("list")(list_records)
    app.command("requeue")(requeue)
    app.command("park")(park)
    return app


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which records of which services, as the command line says."""

    service: str | None
    which: Which

    def for_an_act(self, *, everything: bool) -> "_Choice":
        """Exit 2 where a command that changes something does not say what."""
        narrowed = self.service is not None or self.which != EVERY
        if everything and narrowed:
            raise wrong("--all means every record: leave it out, or the conditions.")
        if not everything and not narrowed:
            raise wrong(
                "Say which records: --service, --connection, --lane, --side, --record; or --all "
                "for every record of every connection."
            )
        return self


def list_records(
    ctx: typer.Context,
    *,
    service: OfService = None,
    connection: Connection = None,
    lane: Lane = None,
    side: OfSide = None,
    record: Record = None,
    limit: Annotated[int, typer.Option(min=1, max=MAX_SHOWN, help="How many to show.")] = 50,
    as_json: Json = False,
) -> None:
    """List the records that wait, and how many of each lane wait for what."""
    which = Which(connection, lane, side, record)

    async def look(desk: MailboxDesk) -> tuple[list[Waiting], list[LaneSummary]]:
        return await _rows(desk, which, limit), await desk.lanes(which)

    found, troubles = _at_each(ctx, _Choice(service, which), look)
    rows: dict[str, list[Waiting]] = {}
    for name, (some, _) in found.items():
        rows[name] = some[: limit - sum(map(len, rows.values()))]
    lanes = {name: some for name, (_, some) in found.items()}
    if as_json:
        typer.echo(printing.listed_json(rows, lanes, troubles))
    else:
        printing.show_list(console(printing.WIDTH_OF_A_PIPE), rows, lanes)
    _end(troubles)


def requeue(
    ctx: typer.Context,
    *,
    service: OfService = None,
    connection: Connection = None,
    lane: Lane = None,
    side: OfSide = None,
    record: Record = None,
    everything: All = False,
    execute: Execute = False,
    as_json: Json = False,
) -> None:
    """Have records tried now, parked ones too. Without --yes it only says which."""
    which = Which(connection, lane, side, record)
    choice = _Choice(service, which).for_an_act(everything=everything)
    if not execute:
        _plan(ctx, choice, "requeued", parked=True, as_json=as_json)
        return

    async def act(desk: MailboxDesk, tell: Progress) -> Done:
        return await desk.requeue(which, by=operator(), progress=tell)

    _act(ctx, choice, act, ("requeued", "and will run once more"), as_json=as_json)


def park(
    ctx: typer.Context,
    *,
    why: Why,
    service: OfService = None,
    connection: Connection = None,
    lane: Lane = None,
    side: OfSide = None,
    record: Record = None,
    everything: All = False,
    execute: Execute = False,
    as_json: Json = False,
) -> None:
    """Let records wait until they are requeued or change. Without --yes it only says which."""
    which = Which(connection, lane, side, record)
    choice = _Choice(service, which).for_an_act(everything=everything)
    why = why.strip()
    if not 0 < len(why) <= MAX_WHY:
        raise wrong(f"--why takes 1 to {MAX_WHY} characters: the next admin reads them.")
    if not execute:
        _plan(ctx, choice, "parked", parked=False, as_json=as_json)
        return

    async def act(desk: MailboxDesk, tell: Progress) -> Done:
        return await desk.park(which, by=operator(), why=why, progress=tell)

    _act(ctx, choice, act, ("parked", "not parked"), as_json=as_json)


async def _rows(desk: MailboxDesk, which: Which, limit: int) -> list[Waiting]:
    rows: list[Waiting] = []
    after: Key | None = None
    while len(rows) < limit:
        page = await desk.page(which, limit=min(PAGE, limit - len(rows)), after=after)
        if not page:
            break
        rows += page
        after = page[-1].key
    return rows


def _plan(ctx: typer.Context, choice: _Choice, verb: str, *, parked: bool, as_json: bool) -> None:
    """Prints what would be done. Exit 1 where a mailbox could not be read."""

    async def look(desk: MailboxDesk) -> list[LaneSummary]:
        return await desk.lanes(choice.which)

    lanes, troubles = _at_each(ctx, choice, look)
    if as_json:
        typer.echo(printing.plan_json(lanes, troubles))
    else:
        printing.show_plan(console(printing.WIDTH_OF_A_PIPE), lanes, verb, parked=parked)
    _end(troubles)


def _act(
    ctx: typer.Context,
    choice: _Choice,
    act: Callable[[MailboxDesk, Progress], Awaitable[Done]],
    words: tuple[str, str],
    *,
    as_json: bool,
) -> None:
    async def act_and_tell(desk: MailboxDesk) -> Done:
        return await _with_progress(desk, choice.which, act)

    done, troubles = _at_each(ctx, choice, act_and_tell)
    if as_json:
        typer.echo(printing.done_json(list(done.values()), troubles))
    else:
        printing.show_done(console(printing.WIDTH_OF_A_PIPE), list(done.values()), *words)
    _end(troubles)


def _at_each(
    ctx: typer.Context,
    choice: _Choice,
    work: Callable[[MailboxDesk], Awaitable[T]],
) -> tuple[dict[str, T], list[Trouble]]:
    """One mailbox after the other; one that fails does not keep the others from being served."""
    deployment = ctx.find_object(Deployment)
    assert deployment is not None  # noqa: S101 -- the callback of `commands` has put it there
    answers: dict[str, T] = {}
    troubles: list[Trouble] = []

    async def run() -> None:
        async with deployment.mailboxes(choice.service) as desks:
            for desk in await with_lane(desks, choice.which.lane):
                try:
                    answers[desk.service] = await work(desk)
                except CausewayError as error:
                    troubles.append(Trouble(desk.service, error))

    try:
        asyncio.run(run())
    except RetriableError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None
    except CausewayError as error:
        raise wrong(str(error)) from None
    return answers, troubles


async def _with_progress(
    desk: MailboxDesk, which: Which, act: Callable[[MailboxDesk, Progress], Awaitable[Done]]
) -> Done:
    looked_at, of = 0, sum(one.records for one in await desk.lanes(which))
    with progress_bar(desk.service) as tell:

        def told(records: int) -> None:
            nonlocal looked_at
            looked_at += records
            tell(looked_at, of)

        return await act(desk, told)


def _end(troubles: Sequence[Trouble]) -> None:
    """Exit 1 where a mailbox could not be served; each is named with what to do."""
    for trouble in troubles:
        typer.echo(f"{trouble.service}: {trouble.error}", err=True)
    if troubles:
        raise typer.Exit(FAILED)
