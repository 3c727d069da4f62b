"""`python -m services dead-letters list|show|replay|discard`.

Exit codes: 0 done, 1 something failed (a broker that is away, a letter that is not there),
2 the command or the environment is wrong. Replay and discard do nothing before they are told to.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer

from shared.kernel.errors import CausewayError
from shared.messaging.dead_letters import DeadLetters, Done, Found, Look, Progress
from shared.messaging.dead_letters_reading import Wanted
from shared.runtime.operations import dead_letters_tables as tables
from shared.runtime.operations.dead_letters_tables import Trouble
from shared.runtime.operations.deployment import Deployment
from shared.runtime.operations.terminal import FAILED, console, operator, progress_bar, wrong
from shared.runtime.process import Definition
from shared.telemetry.logs import configure_logs

T = TypeVar("T")
MAX_SHOWN = 1_000_000
"""As many as a queue can hold: `--limit` only spares a terminal."""

Queue = Annotated[str | None, typer.Option(help="One queue, such as contact_sync.changes.")]
OfService = Annotated[str | None, typer.Option("--service", help="The queues of one service.")]
Connection = Annotated[UUID | None, typer.Option(help="Letters about one connection.")]
Code = Annotated[str | None, typer.Option(help="Letters that died of one code.")]
Ids = Annotated[list[str] | None, typer.Option("--id", help="A letter's or message's id; repeat.")]
All = Annotated[bool, typer.Option("--all", help="Every letter, where nothing else is given.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Execute = Annotated[bool, typer.Option("--execute", "--yes", help="Do it; else only the plan.")]


def commands(names: Sequence[str], load: Callable[[str], Definition[Any]]) -> typer.Typer:
    """The commands over these services."""
    app = typer.Typer(help="Messages that could not be handled.", no_args_is_help=True)

    @app.callback()
    def deployed(ctx: typer.Context) -> None:
        configure_logs(service="dead-letters", level="WARNING")
        ctx.obj = Deployment(names, load)

    app.command("list")(list_letters)
    app.command("show")(show)
    app.command("replay")(replay)
    app.command("discard")(discard)
    return app


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which letters of which queues, as the command line says."""

    queue: str | None
    service: str | None
    wanted: Wanted

    @classmethod
    def said(
        cls,
        queue: str | None,
        service: str | None,
        wanted: Wanted,
        *,
        everything: bool,
    ) -> "_Choice":
        """Exit 2 where a command that changes something does not say what."""
        narrowed = wanted != Wanted()
        if everything and narrowed:
            raise wrong("--all means every letter: leave it out, or the conditions.")
        if not (everything or narrowed or queue or service):
            raise wrong(
                "Say which letters: --queue, --service, --connection, --code, --id; or --all."
            )
        return cls(queue, service, wanted)


def list_letters(
    ctx: typer.Context,
    *,
    queue: Queue = None,
    service: OfService = None,
    connection: Connection = None,
    code: Code = None,
    limit: Annotated[int, typer.Option(min=1, max=MAX_SHOWN, help="How many to show.")] = 50,
    as_json: Json = False,
) -> None:
    """List the letters, the oldest event first. Every queue stays as it is."""
    wanted = Wanted(connection, code)
    looks, troubles = _looks(ctx, _Choice(queue, service, wanted))
    found = (letter for look in looks for letter in look.letters)
    shown = sorted(found, key=lambda letter: letter.place)[:limit]
    if as_json:
        typer.echo(tables.letters_json(looks, shown, troubles))
    else:
        tables.show_letters(console(tables.WIDTH_OF_A_PIPE), looks, shown)
    _end(troubles)


def show(
    ctx: typer.Context,
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="Of the letter or message.")],
    *,
    queue: Queue = None,
    service: OfService = None,
    as_json: Json = False,
) -> None:
    """Show one letter: why it died, and what its events are about. No field's value is shown."""

    async def find(desk: DeadLetters, progress: Progress) -> Found | None:
        return await desk.find(letter_id, progress=progress)

    answers, troubles = _at_each(ctx, _Choice(queue, service, Wanted()), find)
    found = next((answer for answer in answers if answer is not None), None)
    if found is None:
        typer.echo(f"No dead letter has the id {letter_id}.", err=True)
        _end(troubles)
        raise typer.Exit(FAILED)
    if as_json:
        typer.echo(tables.found_json(found))
    else:
        tables.show_found(console(tables.WIDTH_OF_A_PIPE), found)


def replay(
    ctx: typer.Context,
    *,
    queue: Queue = None,
    service: OfService = None,
    connection: Connection = None,
    code: Code = None,
    ids: Ids = None,
    everything: All = False,
    execute: Execute = False,
    as_json: Json = False,
) -> None:
    """Put letters back into their queues. Without --execute it only says which."""
    wanted = Wanted(connection, code, frozenset(ids or ()))
    choice = _Choice.said(queue, service, wanted, everything=everything)
    if not execute:
        _plan(ctx, choice, "replayed", as_json=as_json)
        return

    async def act(desk: DeadLetters, progress: Progress) -> Done:
        return await desk.replay(wanted, by=operator(), progress=progress)

    _act(ctx, choice, act, "replayed", as_json=as_json)


def discard(
    ctx: typer.Context,
    *,
    queue: Queue = None,
    service: OfService = None,
    connection: Connection = None,
    code: Code = None,
    ids: Ids = None,
    everything: All = False,
    execute: Annotated[bool, typer.Option("--execute", help="Do it, after a question.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without a question.")] = False,
    as_json: Json = False,
) -> None:
    """Take letters away for good. Without --execute it only says which."""
    wanted = Wanted(connection, code, frozenset(ids or ()))
    choice = _Choice.said(queue, service, wanted, everything=everything)
    if as_json and execute and not yes:
        raise wrong("--json asks no question: add --yes, or leave out --execute.")
    if not yes:
        found = _plan(ctx, choice, "discarded", as_json=as_json)
        if not execute or not found:
            return
        typer.confirm(f"Discard them for good ({found:,})?", abort=True, err=True)

    async def act(desk: DeadLetters, progress: Progress) -> Done:
        return await desk.discard(wanted, by=operator(), progress=progress)

    _act(ctx, choice, act, "discarded", as_json=as_json)


def _plan(ctx: typer.Context, choice: _Choice, verb: str, *, as_json: bool) -> int:
    """Prints what would be done; how many letters. Exit 1 where a queue could not be read."""
    looks, troubles = _looks(ctx, choice)
    if as_json:
        letters = [letter for look in looks for letter in look.letters]
        typer.echo(tables.letters_json(looks, letters, troubles))
    else:
        tables.show_plan(console(tables.WIDTH_OF_A_PIPE), looks, verb)
    _end(troubles)
    return sum(len(look.letters) for look in looks)


def _act(
    ctx: typer.Context,
    choice: _Choice,
    act: Callable[[DeadLetters, Progress], Awaitable[Done]],
    verb: str,
    *,
    as_json: bool,
) -> None:
    done, troubles = _at_each(ctx, choice, act)
    if as_json:
        typer.echo(tables.done_json(done, troubles))
    else:
        tables.show_done(console(tables.WIDTH_OF_A_PIPE), done, verb)
    _end(troubles)


def _looks(ctx: typer.Context, choice: _Choice) -> tuple[list[Look], list[Trouble]]:
    async def look(desk: DeadLetters, progress: Progress) -> Look:
        return await desk.look(choice.wanted, progress=progress)

    return _at_each(ctx, choice, look)


def _at_each(
    ctx: typer.Context,
    choice: _Choice,
    work: Callable[[DeadLetters, Progress], Awaitable[T]],
) -> tuple[list[T], list[Trouble]]:
    """One queue after the other; one that fails does not keep the others from being served."""
    deployment = ctx.find_object(Deployment)
    assert deployment is not None  # noqa: S101 -- the callback of `commands` has put it there
    answers: list[T] = []
    troubles: list[Trouble] = []

    async def run() -> None:
        chosen = deployment.dead_letters(service=choice.service, queue=choice.queue)
        async with chosen as desks:
            for desk in desks:
                try:
                    with progress_bar(desk.queue) as progress:
                        answers.append(await work(desk, progress))
                except CausewayError as error:
                    troubles.append(Trouble(desk.queue, error))

    try:
        asyncio.run(run())
    except CausewayError as error:
        raise wrong(str(error)) from None
    return answers, troubles


def _end(troubles: Sequence[Trouble]) -> None:
    """Exit 1 where a queue could not be served; each is named with what to do."""
    for trouble in troubles:
        typer.echo(f"{trouble.queue}: {trouble.error}", err=True)
    if troubles:
        raise typer.Exit(FAILED)
