"""What the runtime adds to a service: relay, consumers, wakeups, and the check of its database."""

import asyncio
from collections.abc import Mapping

from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.messaging.consumer import Consumer
from shared.messaging.publisher import AmqpPublisher
from shared.outbox.outbox import Outbox
from shared.outbox.relay import Relay
from shared.runtime.service import Loop, Service
from shared.web.app import Check


def worker_loops(service: Service, amqp_url: str) -> tuple[Loop, ...]:
    """Everything that runs in a worker of this service; names begin with the service's."""
    loops: list[Loop] = []
    wakeups = service.wakeups
    if service.database is not None and service.outbox is not None:
        wakeups = wakeups or Wakeups(service.database.url)
        loops.append(_relay(service.database, service.outbox, wakeups, amqp_url))
    if wakeups is not None:
        loops.append(Loop("wakeups", wakeups.run))
    for subscription in service.subscriptions:
        consumer = Consumer(amqp_url, subscription)
        loops.append(Loop(f"consumer.{subscription.queue}", consumer.run))
    loops.extend(service.loops)
    return tuple(Loop(f"{service.name}.{loop.name}", loop.run) for loop in loops)


def service_checks(service: Service) -> Mapping[str, Check]:
    """The service's own checks and its database's; names begin with the service's."""
    checks = dict(service.checks)
    if service.database is not None:
        checks["database"] = service.database.ping
    return {f"{service.name}.{name}": check for name, check in checks.items()}


async def close_service(service: Service) -> None:
    """End what `build` opened, the database last."""
    try:
        await service.close()
    finally:
        if service.database is not None:
            await service.database.close()


def _relay(database: Database, outbox: Outbox, wakeups: Wakeups, amqp_url: str) -> Loop:
    """The relay on a publisher of its own, connected anew after every failure of either."""

    async def run(stop: asyncio.Event) -> None:
        publisher = AmqpPublisher(amqp_url)
        try:
            await publisher.connect()
            await Relay(database, outbox, publisher, wakeups).run(stop)
        finally:
            await publisher.close()

    return Loop("relay", run)
