"""`causeway setup --file setup.yaml`: the whole setup, without the console.

Exit codes: 0 the sync runs; 1 a person has to do something, or something failed: run it again; 2
wrong usage.
"""

import time
from pathlib import Path
from typing import Annotated

import typer

from remote.client import Deployment, UsageError
from remote.setup.file import read_setup
from remote.setup.screen import Screen
from remote.setup.walk import Walk
from remote.setup.whole import set_up
from remote.terminal import DONE, WRONG, Token, Url, console, run

DEFAULT_MINUTES = 60.0
MAX_MINUTES = 7 * 24 * 60.0
"""A package may wait for a week; nobody watches longer."""


def setup(
    *,
    file: Annotated[Path, typer.Option("--file", help="The setup as YAML.")],
    timeout: Annotated[
        float,
        typer.Option(min=0.01, max=MAX_MINUTES, help="Minutes to wait for people and Salesforce."),
    ] = DEFAULT_MINUTES,
    url: Url = "",
    token: Token = "",
) -> None:
    """Set up a connection as a file says; run again, it goes on where it was."""
    try:
        wanted = read_setup(file)
    except UsageError as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(WRONG) from None

    async def work(deployment: Deployment) -> int:
        until = time.monotonic() + 60 * timeout
        await set_up(Walk(deployment, wanted, Screen(console()), until))
        return DONE

    run(url, token, work)
