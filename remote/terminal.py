"""What the commands have in common: where the deployment is, who asks, how they end.

Exit codes: 0 done, or nothing differs; 1 something differs, failed or waits for a person; 2 the
command line, the environment or a file is wrong.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from remote.client import Deployment, UsageError
from shared.kernel.errors import CausewayError
from shared.kernel.plain_yaml import MAX_CHARACTERS

DONE, DIFFERENT, WRONG = 0, 1, 2
PIPE_WIDTH = 120
"""Where nobody's terminal says how wide it is."""

Url = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="CAUSEWAY_PUBLIC_URL",
        help="The origin of the deployment.",
        show_default=False,
    ),
]
Token = Annotated[
    str,
    typer.Option(
        "--token",
        envvar="CAUSEWAY_TOKEN",
        help="A bearer token. Better in the variable: others see command lines.",
        show_default=False,
    ),
]
Work = Callable[[Deployment], Awaitable[int]]


def console() -> Console:
    """Standard output."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(width=PIPE_WIDTH, highlight=False)


def run(url: str, token: str, work: Work) -> None:
    """Runs work against the deployment; ends the command with its exit code."""
    try:
        code = asyncio.run(_run(url, token, work))
    except UsageError as wrong:
        typer.echo(str(wrong), err=True)
        code = WRONG
    except CausewayError as error:
        typer.echo(str(error), err=True)
        code = DIFFERENT
    except KeyboardInterrupt:
        typer.echo("Stopped. Nothing is lost: run the same command again to go on.", err=True)
        code = DIFFERENT
    raise typer.Exit(code)


async def _run(url: str, token: str, work: Work) -> int:
    if not token:
        raise UsageError("Give a token with --token or CAUSEWAY_TOKEN (causeway token create).")
    async with Deployment(url, token) as deployment:
        return await work(deployment)


def text_of(path: Path) -> str:
    """The text of a file, within what is ever read.

    Raises:
        UsageError: there is none, or it is no text of that size.
    """
    try:
        if path.stat().st_size > 4 * MAX_CHARACTERS:
            raise UsageError(f"{path} is too large: {MAX_CHARACTERS} characters are read at most.")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no UTF-8 text.") from None


def show_parts(out: Console, parts: list[dict[str, Any]]) -> None:
    """Differences in words, part by part."""
    for part in parts:
        out.print(f"[bold]{part['part']}[/bold]")
        for one in part["changes"]:
            out.print(f"  {one['text']}", markup=False, soft_wrap=True)


def show_problems(out: Console, problems: list[dict[str, Any]]) -> None:
    """Problems of a review or an import, each with its fix."""
    for one in problems:
        line = f"{one['severity']} [{one['code']}] {one['where']}: {one['what']} {one['fix']}"
        out.print(line, markup=False, soft_wrap=True)


def show_unresolved(out: Console, unresolved: list[dict[str, Any]]) -> None:
    """Names of a file that mean nothing on this connection."""
    for one in unresolved:
        line = f"not found: {one['where']}: {one['what']} {one['fix']}"
        out.print(line, markup=False, soft_wrap=True)


def table(title: str, *columns: str) -> Table:
    """A table whose cells are shown as they are."""
    made = Table(title=title, title_justify="left", show_lines=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    return made
