"""`make bench-plumbing`: the plumbing against the bare libraries; 1 when a target was missed."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import uvloop
from rich.console import Console

from tests.bench.plumbing.comparing import Compared, compare, measurements
from tests.bench.plumbing.report import show, write
from tests.bench.plumbing.scene import opened

ROUNDS = 5
"""Runs of each side: the median of five shrugs off two that somebody else's work slowed down."""


async def measured(only: str, rounds: int, console: Console) -> list[Compared]:
    """One comparison after the other on the servers of DATABASE_URL and AMQP_URL."""
    found = []
    async with opened(os.environ["DATABASE_URL"], os.environ["AMQP_URL"]) as scene:
        for measurement in measurements():
            if only in measurement.name:
                console.print(f"measuring {measurement.name}", highlight=False)
                found.append(await compare(scene, measurement, rounds=rounds))
    return found


def main(arguments: Sequence[str]) -> int:
    """0 when every target was met and nothing was lost."""
    parser = argparse.ArgumentParser(prog="tests.bench.plumbing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each side")
    parser.add_argument("--only", default="", help="measurements with this in their name")
    parser.add_argument("--json", type=Path, help="a file for every single rate")
    options = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 160)
    load = os.getloadavg()[0]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(measured(options.only, options.rounds, console))
    show(console, found, load=load)
    if options.json is not None:
        write(options.json, found, load=load)
    return 0 if all(each.met for each in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
