"""What a service hands to the runtime: its routes, loops and subscriptions, as one value."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter

from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.db.purge import Purges
from shared.db.retention import Retention
from shared.db.rotation import Secrets
from shared.messaging.topology import Subscription
from shared.outbox.inbox import Inbox
from shared.outbox.mailbox import Mailbox
from shared.outbox.outbox import Outbox
from shared.telemetry.metrics import Metrics
from shared.web.app import Check


@dataclass(frozen=True, slots=True)
class Loop:
    """Work that goes on until `stop` is set; when it raises, the runtime starts it again."""

    name: str
    run: Callable[[asyncio.Event], Awaitable[None]]


async def nothing_to_close() -> None:
    """For a service that holds nothing but what the runtime closes itself."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service, wired but not started.

    `database` is None for a service without tables, `outbox` for one that publishes nothing.
    `wakeups` is given by a service whose own loops wait for notifications; the runtime runs it
    (and makes one when there is only a relay to wake). `inbox` is pruned by age, and so is what
    `retentions` name; the depth of `mailbox` is told. `secrets` says what is encrypted, `purges`
    how a tenant is deleted. `metrics` are the service's own and the runtime's about it, named
    `causeway_...`; on /metrics each gets the label `service`. `close` ends what `build` opened,
    except `database`.
    """

    name: str
    routers: tuple[APIRouter, ...] = ()
    database: Database | None = None
    outbox: Outbox | None = None
    subscriptions: tuple[Subscription, ...] = ()
    loops: tuple[Loop, ...] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    close: Callable[[], Awaitable[None]] = nothing_to_close
    wakeups: Wakeups | None = None
    inbox: Inbox | None = None
    mailbox: Mailbox | None = None
    retentions: tuple[Retention, ...] = ()
    secrets: Secrets | None = None
    purges: Purges | None = None
    metrics: Metrics = field(default_factory=Metrics)
