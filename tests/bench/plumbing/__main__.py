"""`make bench-plumbing`: the plumbing against the bare libraries; 1 when a target was missed."""

import os
import sys

from rich.console import Console

from tests.bench import command
from tests.bench.comparing import Compared, compare
from tests.bench.plumbing.comparing import measurements
from tests.bench.plumbing.scene import Scene, opened


async def measured(only: str, rounds: int, console: Console) -> list[Compared[Scene]]:
    """One comparison after the other on the servers of DATABASE_URL and AMQP_URL."""
    found = []
    async with opened(os.environ["DATABASE_URL"], os.environ["AMQP_URL"]) as scene:
        for measurement in measurements():
            if only in measurement.name:
                console.print(f"measuring {measurement.name}", highlight=False)
                found.append(await compare(scene, measurement, rounds=rounds))
    return found


if __name__ == "__main__":
    sys.exit(command.run("tests.bench.plumbing", __doc__, measured, sys.argv[1:]))
