"""The steps of a deployment that run before its services: migrations and the broker's topology."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

from pydantic import SecretStr

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
    await _patiently(lambda: asyncio.to_thread(upgrade, name, url.get_secret_value()))
    _LOG.info("schema is at its newest revision", of=name)


async def declare_topology(services: Sequence[Service], amqp_url: str) -> None:
    """Declare the exchange and all queues of these services."""
    subscriptions = [item for service in services for item in service.subscriptions]
    await _patiently(lambda: declare(amqp_url, subscriptions))
    _LOG.info("topology is declared", queues=len(subscriptions))


async def _patiently(step: Callable[[], Awaitable[None]]) -> None:
    """Try a repeatable step again while what it needs is still starting."""
    for attempt in range(ATTEMPTS - 1):
        try:
            return await step()
        except RetriableError as error:
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**attempt)
            _LOG.warning("not yet", code=error.code, reason=str(error), attempt=attempt + 1)
            await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - jitter
    return await step()
