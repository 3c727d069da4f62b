"""Starts one of the two CRM simulators for a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from tests.simulators.machinery.launch import running

Kind = Literal["hubspot", "salesforce"]


@contextmanager
def simulator(kind: Kind, *args: str) -> Iterator[str]:
    """The base URL of a simulator that lives as long as the block, with its control plane on.

    RuntimeError when it does not become ready in time. At the end it gets SIGTERM, and SIGKILL
    when it does not go.
    """
    with running(f"tests.simulators.{kind}", args) as base_url:
        yield base_url
