"""What the runtime adds to a service: relay, consumers, wakeups, and checks of both stores."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.db.notify import Wakeups
from shared.messaging.consumer import Consumer
from shared.outbox.inbox import pruning
from shared.runtime.relaying import Relaying
from shared.runtime.service import Loop, Service
from shared.web.app import Check


@dataclass(frozen=True, slots=True)
class Wiring:
    """The loops and checks of one service in one process; names begin with the service's."""

    loops: tuple[Loop, ...]
    checks: Mapping[str, Check]


def wire(service: Service, *, amqp_url: str, working: bool) -> Wiring:
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
            )
            checks["relay"] = relaying.check
            loops.append(Loop("relay", relaying.run))
        for subscription in service.subscriptions:
            consumer = Consumer(amqp_url, subscription)
            loops.append(Loop(f"consumer.{subscription.queue}", consumer.run))
        if service.inbox is not None and service.database is not None:
            loops.append(Loop("prune_inbox", pruning(service.database, service.inbox)))
        loops.extend(service.loops)
    return Wiring(
        tuple(Loop(f"{service.name}.{loop.name}", loop.run) for loop in loops),
        {f"{service.name}.{name}": check for name, check in checks.items()},
    )


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
