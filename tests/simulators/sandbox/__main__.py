"""``make sandbox``: simulated CRMs with data in them, to try things by hand until Ctrl-C."""

import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from tests.simulators.sandbox.parties import Party, PortTakenError, orgs, portals, started

ENDS = "Ctrl-C ends it."
REFUSED = 2
"""Exit code when a port is taken or a simulator does not come up."""
Count = Annotated[int, typer.Option(min=0)]


def main(
    *,
    hubspot_port: Annotated[int, typer.Option(help="Of the first portal; 0: any.")] = 8101,
    salesforce_port: Annotated[int, typer.Option(help="Of the first org; 0: any.")] = 8102,
    hubspots: Annotated[int, typer.Option(help="Portals side by side.", min=0)] = 1,
    salesforces: Annotated[int, typer.Option(help="Orgs side by side.", min=0)] = 1,
    people: Count = 300,
    companies: Count = 60,
    deals: Count = 80,
    tasks: Count = 120,
    notes: Count = 40,
    calls: Count = 40,
    emails: Count = 40,
    meetings: Count = 20,
    duplicates: Count = 10,
    dirty: Annotated[float, typer.Option(help="Share of dirty records.", min=0, max=1)] = 0.1,
    seed: Annotated[int, typer.Option(help="Of everything that is invented.")] = 7,
    keep: Annotated[
        Path | None, typer.Option(help="Directory that keeps the state from one run to the next.")
    ] = None,
) -> None:
    """Start simulators, fill them, say how to call them, and wait for Ctrl-C.

    Further portals and orgs listen two ports after the one before, and have other people in them.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sizes = {
        "people": people,
        "companies": companies,
        "deals": deals,
        "tasks": tasks,
        "notes": notes,
        "calls": calls,
        "emails": emails,
        "meetings": meetings,
        "duplicates": duplicates,
        "dirty": dirty,
    }
    parties = [*portals(hubspots, hubspot_port), *orgs(salesforces, salesforce_port)]
    try:
        _run(parties, {**sizes, "seed": seed}, keep)
    except KeyboardInterrupt:
        _say("Ended.")
    except (PortTakenError, RuntimeError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        raise typer.Exit(REFUSED) from wrong


def _run(parties: list[Party], world: dict[str, float], keep: Path | None) -> None:
    with ExitStack() as running:
        for number, party in enumerate(parties):
            own_world = {**world, "seed": world["seed"] + number}
            url = running.enter_context(started(party, own_world, keep))
            _say(f"\n{party.name}: {url}  (open {url}/ to look at it)")
            for example in party.examples(url):
                _say(f"  # {example.says}\n  {example}")
        _say(f"\n{ENDS}")
        threading.Event().wait()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    typer.run(main)
