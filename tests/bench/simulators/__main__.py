"""`make bench-simulators`: batches of both simulators, in records a second; 1 when one is slow."""

import sys

from rich.console import Console

from tests.bench import command
from tests.bench.comparing import Compared, compare
from tests.bench.simulators.comparing import Scene, measurements, opened


async def measured(only: str, rounds: int, console: Console) -> list[Compared[Scene]]:
    """One endpoint after the other, each against processes that were started for the purpose."""
    found = []
    with opened() as scene:
        for measurement in measurements():
            if only in measurement.name:
                console.print(f"measuring {measurement.name}", highlight=False)
                found.append(await compare(scene, measurement, rounds=rounds))
    return found


if __name__ == "__main__":
    sys.exit(command.run("tests.bench.simulators", __doc__, measured, sys.argv[1:]))
