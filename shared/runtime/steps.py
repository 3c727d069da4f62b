"""The steps of a deployment that run before its services: migrations and the broker's topology."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

from pydantic import SecretStr

from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.kernel.errors import RetriableError
from shared.messaging.topology import declare
from shared.runtime.service import Service
from shared.runtime.settings import DeploymentSettings
from shared.telemetry.logs import get_logger

_LOG = get_logger(__name__)
ATTEMPTS = 12  # with the pauses below about a minute: a database or broker that starts beside us
FIRST_PAUSE = 0.5  # seconds
LONGEST_PAUSE = 8.0  # seconds


async def migrate(name: str, settings: DeploymentSettings) -> None:
    """Bring the schema of one service to its newest revision; nothing for one without tables."""
    url = getattr(settings, "database_url", None)
    if not isinstance(url, SecretStr):
        _LOG.info("no schema to migrate", of=name)
        return
    database = Database.connect(url.get_secret_value(), application=f"migrate-{name}")
    try:
        await _patiently("The database", database.ping)
    finally:
        await database.close()
    await asyncio.to_thread(upgrade, name, url.get_secret_value())
    _LOG.info("schema is at its newest revision", of=name)


async def declare_topology(services: Sequence[Service], amqp_url: str, namespace: str = "") -> None:
    """Declare the exchange and all queues of these services."""
    subscriptions = [item for service in services for item in service.subscriptions]
    await _patiently("RabbitMQ", lambda: declare(amqp_url, subscriptions, namespace=namespace))
    _LOG.info("topology is declared", queues=len(subscriptions))


async def _patiently(what: str, step: Callable[[], Awaitable[None]]) -> None:
    """Try a repeatable step again while what it needs is still starting."""
    reason = ""
    for attempt in range(ATTEMPTS):
        try:
            return await step()
        except (RetriableError, OSError) as error:
            reason = str(error) if isinstance(error, RetriableError) else type(error).__name__
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**attempt)
        _LOG.warning("not yet", what=what, reason=reason, attempt=attempt + 1)
        await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - jitter
    raise RetriableError(
        f"{what} did not answer in {ATTEMPTS} attempts ({reason}). "
        "Check that it runs and that its URL is right.",
        code="not_reachable",
    )
