"""What the commands of an operator have in common: who, how wide, how far, how they end."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import Progress as Bar

FAILED, WRONG_USAGE = 1, 2
"""Exit codes: something could not be done; the command or the environment is wrong."""


def console(width_of_a_pipe: int) -> Console:
    """Standard output; so wide where nobody's terminal says how wide it is."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(width=width_of_a_pipe, highlight=False)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal's stderr that goes away at its end; nothing where nobody sees it."""
    shown = Console(stderr=True)
    with Bar(console=shown, transient=True, disable=not shown.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda taken, of: bar.update(task, completed=taken, total=of)


def wrong(what: str) -> typer.Exit:
    """The end of a command that was not meant so; says why on stderr."""
    typer.echo(what, err=True)
    return typer.Exit(WRONG_USAGE)


def operator() -> str:
    """Whose shell this is, as the log shall name them."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (OSError, KeyError):
        return "somebody (command line)"
