"""A whole deployment for as long as a block runs: simulators, schemas, services."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

from deploy.stack.environment import (
    APP_ID,
    HUBSPOT_CLIENT_ID,
    PORTAL_ID,
    SALESFORCE_CLIENT_ID,
    Secrets,
    database_passwords,
    environment,
    free_port,
)
from deploy.stack.process import (
    START_SECONDS,
    Child,
    ProcessFailedError,
    announced_url,
    run_to_end,
    start,
)
from shared.db.provision import provision
from shared.security.tokens import PEOPLE, Role, TokenKey, mint

READY_CHECK_SECONDS = 0.1
"""How often a starting service is asked whether it is ready."""

TOKEN_LIFETIME = timedelta(hours=12)
"""The demo's sign-in token lasts a working day."""


@dataclass(slots=True)
class Stack:
    """A running deployment. `children` are its service processes by name.

    `database_url` is an administrator's, for looking at all schemas at once.
    """

    origin: str
    hubspot_url: str
    salesforce_url: str
    database_url: str
    amqp_url: str
    keys: Secrets
    environ: Mapping[str, str]
    logs: Path
    children: dict[str, Child] = field(default_factory=dict)

    def token(self, role: Role = Role.ADMIN) -> str:
        """A sign-in token of that role."""
        return mint(
            TokenKey.parse(self.keys.token_key),
            subject="demo",
            role=role,
            audience=PEOPLE,
            lifetime=TOKEN_LIFETIME,
            now=datetime.now(UTC),
        )

    def start(self, name: str, arguments: Sequence[str], **extra: str) -> Child:
        """Starts one more process of this deployment."""
        child = start(name, arguments, environ={**self.environ, **extra}, logs=self.logs)
        self.children[name] = child
        return child

    def stop(self) -> None:
        """Stops every service process, the latest first."""
        for child in reversed(self.children.values()):
            if child.alive():
                child.stop()

    def wait_ready(self) -> None:
        """Returns when the API says that it is ready; ProcessFailedError when it does not."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            dead = [child for child in self.children.values() if not child.alive()]
            if dead:
                raise ProcessFailedError(f"{dead[0].name} ended; see {dead[0].log}")
            if _answers(f"{self.origin}/readyz"):
                return
            time.sleep(READY_CHECK_SECONDS)
        raise ProcessFailedError(f"the services are not ready; see {self.logs}")


@contextmanager
def stack(
    *,
    database_url: str,
    amqp_url: str,
    database: str,
    logs: Path,
    say: Callable[[str], None],
    apart: Sequence[str] = (),
    options: Mapping[str, str] | None = None,
    simulator_options: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[Stack]:
    """Yields a running deployment on a database of its own, and stops it at the end.

    Args:
        database_url: an administrator's URL; roles and schemas are made with it.
        amqp_url: the broker, or a virtual host of it, that nobody else uses.
        database: the name of the deployment's database.
        logs: where the processes' logs go.
        say: gets one line a step, without secrets.
        apart: services whose worker runs as a process of its own, to be killed by a test.
        options: more CAUSEWAY_ variables.
        simulator_options: more words for the simulators' command lines, by CRM.
    """
    more = simulator_options or {}
    keys = Secrets()
    origin = f"http://localhost:{free_port()}"  # HubSpot refuses redirects to a bare IP
    with ExitStack() as ending:
        hubspot = _hubspot(keys, origin, more.get("hubspot", ()), logs, ending)
        salesforce = _salesforce(keys, more.get("salesforce", ()), logs, ending)
        say(f"simulators: HubSpot {hubspot}, Salesforce {salesforce}")
        urls = provision(
            database_url,
            database=database,
            passwords=database_passwords(),
        )
        environ = environment(
            origin=origin,
            amqp_url=amqp_url,
            database_urls=urls,
            hubspot_url=hubspot,
            salesforce_url=salesforce,
            keys=keys,
        ) | dict(options or {})
        running = Stack(
            origin=origin,
            hubspot_url=hubspot,
            salesforce_url=salesforce,
            database_url=urlunsplit(urlsplit(database_url)._replace(path=f"/{database}")),
            amqp_url=amqp_url,
            keys=keys,
            environ=environ,
            logs=logs,
        )
        ending.callback(running.stop)
        run_to_end("migrate", ["services", "migrate"], environ=environ, logs=logs)
        say("schemas: migrated")
        run_to_end("topology", ["services", "topology"], environ=environ, logs=logs)
        running.start("services", ["services", "all"], CAUSEWAY_APART=",".join(apart))
        for name in apart:
            running.start(name, [f"services.{name}", "worker"])
        running.wait_ready()
        say(f"services: ready at {origin}")
        yield running


def _hubspot(
    keys: Secrets, origin: str, options: Sequence[str], logs: Path, ending: ExitStack
) -> str:
    arguments = [
        *("tests.simulators.hubspot", "--port", "0", "--control"),
        *("--portal-id", PORTAL_ID, "--app-id", APP_ID),
        *("--client-id", HUBSPOT_CLIENT_ID, "--client-secret", keys.hubspot_client),
        *("--webhook-url", f"{origin}/webhooks/hubspot"),
        *options,
    ]
    return _simulator("hubspot", arguments, logs, ending)


def _salesforce(keys: Secrets, options: Sequence[str], logs: Path, ending: ExitStack) -> str:
    arguments = [
        *("tests.simulators.salesforce", "--port", "0", "--control"),
        *("--client-id", SALESFORCE_CLIENT_ID, "--client-secret", keys.salesforce_client),
        *options,
    ]
    return _simulator("salesforce", arguments, logs, ending)


def _simulator(name: str, arguments: Sequence[str], logs: Path, ending: ExitStack) -> str:
    child = start(f"{name}-simulator", arguments, environ={}, logs=logs)
    ending.callback(child.stop)
    return announced_url(child)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:  # noqa: S310 -- our own loopback address
            return bool(answer.status == HTTPStatus.OK)
    except (URLError, TimeoutError, ConnectionError):
        return False
