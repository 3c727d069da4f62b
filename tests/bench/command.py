"""The command of a benchmark: its options, its table, and whether the targets were met."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import uvloop
from rich.console import Console

from tests.bench.comparing import Compared
from tests.bench.report import show, write

ROUNDS = 5
"""Runs of each side: the median of five shrugs off two that somebody else's work slowed down."""
PIPED_COLUMNS = 160
"""Width of the table where no terminal says how wide it is."""
Scene = TypeVar("Scene")
Measured = Callable[[str, int, Console], Coroutine[Any, Any, list[Compared[Scene]]]]
"""(part of the names, rounds, where to say what goes on) -> what was measured."""


def run(prog: str, told: str | None, measured: Measured[Scene], arguments: Sequence[str]) -> int:
    """0 when every target was met and nothing was lost."""
    parser = argparse.ArgumentParser(prog=prog, description=told)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each side")
    parser.add_argument("--only", default="", help="measurements with this in their name")
    parser.add_argument("--json", type=Path, help="a file for every single rate")
    options = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else PIPED_COLUMNS)
    load = os.getloadavg()[0]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(measured(options.only, options.rounds, console))
    show(console, found, load=load)
    if options.json is not None:
        write(options.json, found, load=load)
    return 0 if all(each.met for each in found) else 1
