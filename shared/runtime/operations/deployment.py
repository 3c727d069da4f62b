"""The deployment that a command works on: its services' queues, from the environment."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from shared.messaging.dead_letters import DeadLetters
from shared.runtime.process import Definition, settings_of
from shared.runtime.settings import ConfigurationError
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
        definitions = [self.load(name) for name in self._chosen(service)]
        settings = settings_of(definitions)
        async with AsyncExitStack() as opened:
            found: list[DeadLetters] = []
            for definition, own in zip(definitions, settings, strict=True):
                built = definition.build(own)
                opened.push_async_callback(close_service, built)
                url, namespace = own.amqp_url.get_secret_value(), own.amqp_namespace
                found += [DeadLetters(url, s, namespace=namespace) for s in built.subscriptions]
            yield _only(found, queue)

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
