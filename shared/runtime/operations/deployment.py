"""The deployment that a command works on, from the environment: queues, mailboxes, secrets."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from shared.messaging.dead_letters import DeadLetters
from shared.runtime.operations.keys_desk import KeyDesk
from shared.runtime.operations.mailbox_desk import MailboxDesk
from shared.runtime.process import Definition, settings_of
from shared.runtime.service import Service
from shared.runtime.settings import ConfigurationError, DeploymentSettings
from shared.runtime.wiring import close_service


@dataclass(frozen=True, slots=True)
class Deployment:
    """The services that there are, by name, and how each is found."""

    names: Sequence[str]
    load: Callable[[str], Definition[Any]]

    @asynccontextmanager
    async def dead_letters(
        self, *, service: str | None = None, queue: str | None = None
    ) -> AsyncIterator[list[DeadLetters]]:
        """The dead letters of every queue, of one service's, or of one queue (`<service>.<...>`).

        ConfigurationError for a name that there is not, and where the environment does not
        configure the services that are asked for.
        """
        if queue is not None:
            service = service or queue.partition(".")[0]
        async with self._built(service) as services:
            found: list[DeadLetters] = []
            for own, built in services:
                url, namespace = own.amqp_url.get_secret_value(), own.amqp_namespace
                found += [DeadLetters(url, s, namespace=namespace) for s in built.subscriptions]
            yield _only(found, queue)

    @asynccontextmanager
    async def mailboxes(self, service: str | None = None) -> AsyncIterator[list[MailboxDesk]]:
        """The mailbox of every service that has one, or of one service.

        ConfigurationError as above, and for a service that has none.
        """
        async with self._built(service) as services:
            found = [
                MailboxDesk(built.name, built.database, built.mailbox)
                for _, built in services
                if built.database is not None and built.mailbox is not None
            ]
            if service is not None and not found:
                raise ConfigurationError(
                    f"The service {service} has no mailbox: no record waits there. Leave --service "
                    "out to see every mailbox."
                )
            yield found

    @asynccontextmanager
    async def keys(self) -> AsyncIterator[list[KeyDesk]]:
        """The secrets of every service that keeps some; ConfigurationError as above."""
        async with self._built(None) as services:
            yield [
                KeyDesk(built.name, built.database, built.secrets)
                for _, built in services
                if built.database is not None and built.secrets is not None
            ]

    @asynccontextmanager
    async def _built(
        self, service: str | None
    ) -> AsyncIterator[list[tuple[DeploymentSettings, Service]]]:
        definitions = [self.load(name) for name in self._chosen(service)]
        settings = settings_of(definitions)
        async with AsyncExitStack() as opened:
            found: list[tuple[DeploymentSettings, Service]] = []
            for definition, own in zip(definitions, settings, strict=True):
                built = definition.build(own)
                opened.push_async_callback(close_service, built)
                found.append((own, built))
            yield found

    def _chosen(self, service: str | None) -> Sequence[str]:
        if service is None:
            return self.names
        if service not in self.names:
            raise ConfigurationError(
                f"There is no service {service}. The services are {', '.join(self.names)}; a queue "
                "is named after its service."
            )
        return [service]


def _only(found: list[DeadLetters], queue: str | None) -> list[DeadLetters]:
    if queue is None:
        return found
    chosen = [each for each in found if each.queue == queue]
    if not chosen:
        known = ", ".join(each.queue for each in found) or "none"
        raise ConfigurationError(f"There is no queue {queue}. The queues there are {known}.")
    return chosen
