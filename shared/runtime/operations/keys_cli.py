"""`python -m services keys status|rotate`.

Exit codes: 0 done, and every secret has the current key (or the plan was shown); 1 something is
left, or could not be done; 2 the command or the environment is wrong. Rotate does nothing before
it is told to.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from shared.db.rotation import Use
from shared.kernel.errors import CausewayError
from shared.runtime.operations import keys_printing as printing
from shared.runtime.operations.deployment import Deployment
from shared.runtime.operations.keys_desk import KeyDesk, KeyUse, Rotated, by_key
from shared.runtime.operations.keys_printing import Trouble
from shared.runtime.operations.terminal import FAILED, console, operator, progress_bar, wrong
from shared.runtime.process import Definition
from shared.telemetry.logs import configure_logs

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Execute = Annotated[bool, typer.Option("--yes", "--execute", help="Do it; else only the plan.")]


@dataclass(slots=True)
class _Found:
    """What was seen of all services, and done at them."""

    current: str = ""
    uses: list[tuple[str, Use]] = field(default_factory=list)
    keys: list[KeyUse] = field(default_factory=list)
    done: list[Rotated] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)


def add_commands(
    app: typer.Typer, names: Sequence[str], load: Callable[[str], Definition[Any]]
) -> None:
    """Adds the commands over these services to `app`."""

    @app.command("status")
    def status(*, as_json: Json = False) -> None:
        """Which keys the stored secrets need, and which may be taken out of the ring."""
        found = _run(Deployment(names, load), act=False)
        _show(found, as_json=as_json)

    @app.command("rotate")
    def rotate(*, execute: Execute = False, as_json: Json = False) -> None:
        """Seal all stored secrets with the first key of CAUSEWAY_KEY_RING, while services run.

        Without --yes it only says how many. May be stopped and begun again.
        """
        found = _run(Deployment(names, load), act=execute)
        if not as_json:
            shown = console(printing.WIDTH_OF_A_PIPE)
            if execute:
                printing.show_done(shown, found.done, found.current)
            else:
                printing.show_plan(shown, found.keys, found.current)
        _show(found, as_json=as_json, done=found.done if execute else None)
        if execute and any(use.rows and not use.current for use in found.keys):
            raise typer.Exit(FAILED)


def _run(deployment: Deployment, *, act: bool) -> _Found:
    configure_logs(service="keys")
    found = _Found()

    async def run() -> None:
        async with deployment.keys() as desks:
            found.current = ", ".join(sorted({desk.ring.current_id for desk in desks}))
            for desk in desks:
                try:
                    if act:
                        found.done.append(await _rotate(desk))
                    found.uses += [(desk.service, use) for use in await desk.uses()]
                except CausewayError as error:
                    found.troubles.append(Trouble(desk.service, error))
            found.keys = by_key(desks, [use for _, use in found.uses])

    try:
        asyncio.run(run())
    except CausewayError as error:
        raise wrong(str(error)) from None
    return found


async def _rotate(desk: KeyDesk) -> Rotated:
    of = sum(use.rows for use in await desk.uses() if use.key_id != desk.ring.current_id)
    looked_at = 0
    with progress_bar(desk.service) as tell:

        def told(envelopes: int) -> None:
            nonlocal looked_at
            looked_at += envelopes
            tell(looked_at, of)

        return await desk.rotate(by=operator(), progress=told)


def _show(found: _Found, *, as_json: bool, done: Sequence[Rotated] | None = None) -> None:
    """The keys as they are now. Exit 1 where a service could not be served."""
    if as_json:
        typer.echo(printing.keys_json(found.keys, found.uses, done, found.troubles))
    else:
        shown = console(printing.WIDTH_OF_A_PIPE)
        printing.show_keys(shown, found.keys, found.uses, found.troubles)
    for trouble in found.troubles:
        typer.echo(f"{trouble.service}: {trouble.error}", err=True)
    if found.troubles:
        raise typer.Exit(FAILED)
