"""What the command lines of the simulators say about snapshots."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from tests.simulators.machinery.snapshot_errors import SnapshotError

SNAPSHOT_HELP = (
    "File with all state: read at the start if it is there, written at SIGTERM and on "
    "POST /_control/snapshot."
)
REFUSED = 2
"""Exit code when the file is not what it should be."""


@contextmanager
def refusing_snapshots() -> Iterator[None]:
    """Ends the program with a sentence instead of a traceback."""
    try:
        yield
    except SnapshotError as wrong:
        sys.stderr.write(f"{wrong}\n")
        raise typer.Exit(REFUSED) from wrong
