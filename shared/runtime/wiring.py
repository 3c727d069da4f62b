"""What the runtime adds to a service: relay, consumers, wakeups, and checks of both stores."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from shared.db.notify import Wakeups
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letters import DeadLetters
from shared.runtime.depths import Depths
from shared.runtime.observing import observed
from shared.runtime.purging import Purging
from shared.runtime.queues import Queues
from shared.runtime.relaying import Relaying
from shared.runtime.service import Loop, Service
from shared.runtime.upkeep import Upkeep
from shared.web.app import Check

TALLIES = (
    (
        "redelivered",
        "causeway_consumer_redeliveries",
        "Messages that had been delivered before",
    ),
    (
        "dead",
        "causeway_consumer_dead_letters",
        "Messages and events that were put aside because they cannot be handled",
    ),
)


@dataclass(frozen=True, slots=True)
class Wiring:
    """The loops and checks of one service in one process; names begin with the service's."""

    loops: tuple[Loop, ...]
    checks: Mapping[str, Check]


def wire(service: Service, *, amqp_url: str, working: bool, namespace: str = "") -> Wiring:
    """Wire one service; a process that is not `working` (role api) has no loops to run."""
    checks = dict(service.checks)
    if service.database is not None:
        checks["database"] = service.database.ping
    loops: list[Loop] = []
    if working:
        wakeups = _wakeups(service)
        if wakeups is not None:
            loops.append(Loop("wakeups", wakeups.run))
        if service.outbox is not None and service.database is not None and wakeups is not None:
            relaying = Relaying(
                database=service.database,
                outbox=service.outbox,
                wakeups=wakeups,
                amqp_url=amqp_url,
                namespace=namespace,
                metrics=service.metrics,
            )
            checks["relay"] = relaying.check
            loops.append(Loop("relay", relaying.run))
        loops.extend(_consumers(service, amqp_url, namespace))
        loops.extend(_upkeep(service))
        loops.extend(_purging(service, amqp_url, namespace))
        loops.extend(service.loops)
    return Wiring(
        tuple(Loop(f"{service.name}.{loop.name}", loop.run) for loop in loops),
        {f"{service.name}.{name}": check for name, check in checks.items()},
    )


def _consumers(service: Service, amqp_url: str, namespace: str) -> list[Loop]:
    """One loop a queue, and one that looks at all lengths; consumers count by queue."""
    consumers = {
        subscription.queue: Consumer(
            amqp_url, observed(subscription, service.metrics), namespace=namespace
        )
        for subscription in service.subscriptions
    }
    for key, name, documentation in TALLIES:
        service.metrics.tally(name, documentation, "queue", partial(_counted, consumers, key))
    loops = [Loop(f"consumer.{queue}", consumer.run) for queue, consumer in consumers.items()]
    if consumers:
        queues = Queues(amqp_url, service.subscriptions, service.metrics, namespace=namespace)
        loops.append(Loop("queues", queues.run))
    return loops


def _counted(consumers: Mapping[str, Consumer], key: str) -> dict[str, int]:
    return {queue: consumer.tally[key] for queue, consumer in consumers.items()}


def _upkeep(service: Service) -> list[Loop]:
    """What every service with tables wants done beside its work."""
    if service.database is None:
        return []
    kept = list(service.retentions)
    if service.inbox is not None:
        kept.append(service.inbox.retention)
        inbox = service.inbox
        service.metrics.tally(
            "causeway_inbox_duplicates",
            "Events that came again after they had been handled",
            "queue",
            lambda: inbox.duplicates,
        )
    if service.purges is not None:
        kept.append(service.purges.retention)
    upkeep = Upkeep(service.database, kept, service.metrics, schema=service.name)
    loops = [Loop("upkeep", upkeep.run)]
    if service.outbox is not None or service.mailbox is not None:
        depths = Depths(service.database, service.outbox, service.mailbox, service.metrics)
        loops.append(Loop("depths", depths.run))
    return loops


def _purging(service: Service, amqp_url: str, namespace: str) -> list[Loop]:
    """The loop that carries purges out, for a service with tenants of its own."""
    if service.database is None or service.purges is None:
        return []
    letters = [DeadLetters(amqp_url, one, namespace=namespace) for one in service.subscriptions]
    purging = Purging(service.name, service.database, service.purges, letters)
    return [Loop("purge", purging.run)]


def _wakeups(service: Service) -> Wakeups | None:
    """The service's own, or one for its relay; None when nothing would wait for it."""
    if service.wakeups is None and service.database is not None and service.outbox is not None:
        return Wakeups(service.database.url)
    return service.wakeups


async def close_service(service: Service) -> None:
    """End what `build` opened, the database last."""
    try:
        await service.close()
    finally:
        if service.database is not None:
            await service.database.close()
