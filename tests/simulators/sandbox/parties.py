"""Which simulators run side by side, and where."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.simulators.machinery.launch import running
from tests.simulators.machinery.server import HOST
from tests.simulators.salesforce.ids import make_id
from tests.simulators.sandbox.examples import Curl, Json, hubspot, order, salesforce

STEP = 2
"""Portals have odd ports and orgs even ones, if the first two are neighbours."""
FIRST_PORTAL = 111
SAVING_SECONDS = 120.0
"""How long a simulator may take to write its state down before it is killed."""


class PortTakenError(Exception):
    """Somebody else listens there."""


@dataclass(frozen=True, slots=True)
class Party:
    """One simulator that is to run; ``port`` 0 picks a free one."""

    kind: str
    name: str
    port: int
    arguments: Sequence[str]
    examples: Callable[[str], list[Curl]]


def portals(count: int, port: int) -> list[Party]:
    """HubSpot portals 111, 112, ..."""
    return [
        Party(
            "hubspot",
            f"HubSpot portal {FIRST_PORTAL + number}",
            port and port + number * STEP,
            ["--portal-id", str(FIRST_PORTAL + number)],
            hubspot,
        )
        for number in range(count)
    ]


def orgs(count: int, port: int) -> list[Party]:
    """Salesforce orgs with the first ids that there are."""
    ids = [make_id("00D", number + 1) for number in range(count)]
    return [
        Party(
            "salesforce",
            f"Salesforce org {org_id}",
            port and port + number * STEP,
            ["--org-id", org_id],
            salesforce,
        )
        for number, org_id in enumerate(ids)
    ]


@contextmanager
def started(party: Party, world: Json, keep: Path | None) -> Iterator[str]:
    """The address of a simulator with a world in it; one that is kept has its world already.

    PortTakenError, and RuntimeError when it does not come up.
    """
    check_free(party)
    file = None if keep is None else keep.resolve() / f"{party.name.replace(' ', '-')}.state"
    kept = file is not None and file.exists()
    arguments = ["--port", str(party.port), *party.arguments]
    if file is not None:
        arguments += ["--snapshot", str(file)]
    module = f"tests.simulators.{party.kind}"
    with running(module, arguments, stop_seconds=SAVING_SECONDS) as url:
        if not kept:
            order(url, "seed", world)
        yield url


def check_free(party: Party) -> None:
    """PortTakenError with what to do about it."""
    try:
        with socket.create_server((HOST, party.port)):
            pass
    except OSError as wrong:
        raise PortTakenError(
            f"{party.name} cannot have port {party.port}: {wrong.strerror}. "
            f"Choose another one: make sandbox {party.kind.upper()}_PORT=..."
        ) from wrong
