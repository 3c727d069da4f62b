"""Every event with its owner and its listeners, as the code has them."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from deploy.docs.variables import variables
from deploy.stack.environment import Secrets, database_passwords, environment
from services.__main__ import SERVICES, definition
from shared.contracts.base import Event
from shared.contracts.catalogue import all_events
from shared.messaging.topology import Subscription
from shared.runtime.process import Definition
from shared.runtime.wiring import close_service

NOWHERE = "http://127.0.0.1:1"
"""Services are built to be asked what they listen to, and never started: nothing is called."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One event, and the queues that get it (`<service>.<concern>`)."""

    event: type[Event]
    queues: tuple[str, ...]


def catalogue() -> tuple[Listed, ...]:
    """All events, by owner and name."""
    queues: dict[type[Event], list[str]] = defaultdict(list)
    for subscription in asyncio.run(subscriptions()):
        for event in subscription.events:
            queues[event].append(subscription.queue)
    return tuple(Listed(event, tuple(sorted(queues[event]))) for event in all_events())


async def subscriptions() -> list[Subscription]:
    """The subscriptions of all services, from services that are built and never started."""
    found: list[Subscription] = []
    for name in SERVICES:
        defined = definition(name)
        service = defined.build(_settings(defined))
        found += service.subscriptions
        await close_service(service)
    return found


def _settings(defined: Definition[Any]) -> Any:
    values = environment(
        origin=NOWHERE,
        amqp_url="amqp://127.0.0.1:1/",
        namespace="",
        database_urls=dict.fromkeys(database_passwords(), "postgresql://x:x@127.0.0.1:1/x"),
        hubspot_url=NOWHERE,
        salesforce_url=NOWHERE,
        keys=Secrets(),
    )
    kind = defined.settings_type
    return kind(**{name: values[v] for name, v in variables(kind).items() if v in values})
