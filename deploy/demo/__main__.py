"""`make demo` and `make demo ONCE=1`: see docs/architecture/demo.md."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from rich.console import Console

from deploy.demo.report import show
from deploy.demo.scenario import Say, Scene, play
from deploy.stack.setup import Admin, walk_setup
from deploy.stack.simulator import Simulator
from deploy.stack.stack import Stack, Wanted, stack

ROOT = Path(__file__).resolve().parents[2]
POLL_SECONDS = "5"
"""The demo looks at Salesforce more often than a deployment does, to be over sooner."""

WIDTH = 100
"""The report needs this much, also where nobody says how wide the terminal is."""

HELP = "Run it as `make demo`, which starts Postgres and RabbitMQ first."


def main() -> int:
    """Runs the demo; the exit code is 0 only if everything was as expected."""
    console = Console(width=max(Console().width, WIDTH))
    database_url, amqp_url = os.environ.get("DATABASE_URL"), os.environ.get("AMQP_URL")
    if not database_url or not amqp_url:
        console.print(f"DATABASE_URL and AMQP_URL are not set. {HELP}")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    started = time.monotonic()

    def say(line: str) -> None:
        console.print(
            f"{time.monotonic() - started:6.1f} s  {line}", highlight=False, soft_wrap=True
        )

    wanted = Wanted(
        database_url=database_url,
        amqp_url=amqp_url,
        database=f"causeway_demo_{int(time.time())}",
        logs=ROOT / ".local" / "demo-logs",
        options={"CAUSEWAY_INGRESS_POLL_SECONDS": POLL_SECONDS},
        simulator_options={"salesforce": ("--install-seconds", "3")},
    )
    with stack(wanted, say) as running:
        good = asyncio.run(_perform(running, console, say))
        if os.environ.get("ONCE") != "1":
            _stay(running, console)
    return 0 if good else 1


async def _perform(running: Stack, console: Console, say: Say) -> bool:
    admin = Admin(running.origin, running.token())
    hubspot, salesforce = Simulator(running.hubspot_url), Simulator(running.salesforce_url)
    try:
        connection_id = await walk_setup(admin, say)
        scene = Scene(running, admin, connection_id, hubspot, salesforce)
        return show(console, await play(scene, say))
    finally:
        for opened in (admin, hubspot, salesforce):
            await opened.close()


def _stay(running: Stack, console: Console) -> None:
    console.print(f"\nConsole: {running.origin}/\nSign in with this token:\n")
    console.print(running.token(), soft_wrap=True, highlight=False)
    console.print(f"\nHubSpot simulator: {running.hubspot_url}/")
    console.print(f"Salesforce simulator: {running.salesforce_url}/\nCtrl-C ends it all.")
    try:
        while all(child.alive() for child in running.children.values()):
            time.sleep(1)
    except KeyboardInterrupt:
        console.print("stopping")


if __name__ == "__main__":
    sys.exit(main())
