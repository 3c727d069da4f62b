"""Removes the data of instances that no run holds, and ends what a killed run left there."""

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

from deploy.local.process import ServerProcess
from deploy.local.slot import hold

_END = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 10.0))  # the data goes anyway: no need for order


def reset(root: Path, say: Callable[[str], None]) -> None:
    """Empty `.local` of this checkout, but for the instances that are in use."""
    for folder in sorted((root / ".local").glob("*-[0-9]")):
        with hold(folder) as held:
            if not held:
                say(f"{folder}: in use, or another user's; kept")
                continue
            _remove(folder)
            say(f"{folder}: removed")


def _remove(folder: Path) -> None:
    for record in folder.glob("*.pid"):
        ServerProcess(record=record, log=record.with_suffix(".log"), account=None).end(*_END)
    for pointer in folder.glob("*.location"):
        shutil.rmtree(pointer.read_text(encoding="utf-8").strip(), ignore_errors=True)
    shutil.rmtree(folder)
