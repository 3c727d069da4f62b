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

from deploy.stack.broker import remove_topology
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

    def start_worker(self, service: str) -> Child:
        """Starts one service's worker as a process of its own."""
        return self.start(service, [f"services.{service}", "worker"], CAUSEWAY_PORT="0")

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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What kind of deployment.

    `database_url` is an administrator's: roles and schemas are made with it, in a database
    called `database`. `apart` are services whose worker runs as a process of its own, to be
    killed by a test. `options` are more CAUSEWAY_ variables, `simulator_options` more words for
    the simulators' command lines, by CRM.
    """

    database_url: str
    amqp_url: str
    database: str
    logs: Path
    apart: Sequence[str] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    simulator_options: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        """What the names of its exchanges and queues begin with: the broker may be shared."""
        return f"{self.database}."


@contextmanager
def stack(wanted: Wanted, say: Callable[[str], None]) -> Iterator[Stack]:
    """Yields a running deployment on a database of its own, and stops it at the end.

    `say` gets one line a step, without secrets.
    """
    with ExitStack() as ending:
        running = _prepared(wanted, ending)
        crms = f"HubSpot {running.hubspot_url}, Salesforce {running.salesforce_url}"
        say(f"simulators: {crms}")
        for step in ("migrate", "topology"):
            run_to_end(step, ["services", step], environ=running.environ, logs=wanted.logs)
        say("schemas and queues: in place")
        running.start("services", ["services", "all"], CAUSEWAY_APART=",".join(wanted.apart))
        for name in wanted.apart:
            running.start_worker(name)
        running.wait_ready()
        say(f"services: ready at {running.origin}")
        yield running


def _prepared(wanted: Wanted, ending: ExitStack) -> Stack:
    """The simulators run, the database and its roles are there; no service runs yet."""
    keys = Secrets()
    origin = f"http://localhost:{free_port()}"  # HubSpot refuses redirects to a bare IP
    more = wanted.simulator_options
    hubspot = _hubspot(keys, origin, more.get("hubspot", ()), wanted.logs, ending)
    salesforce = _salesforce(keys, more.get("salesforce", ()), wanted.logs, ending)
    urls = provision(wanted.database_url, database=wanted.database, passwords=database_passwords())
    environ = environment(
        origin=origin,
        amqp_url=wanted.amqp_url,
        namespace=wanted.namespace,
        database_urls=urls,
        hubspot_url=hubspot,
        salesforce_url=salesforce,
        keys=keys,
    )
    inside = urlsplit(wanted.database_url)._replace(path=f"/{wanted.database}")
    running = Stack(
        origin=origin,
        hubspot_url=hubspot,
        salesforce_url=salesforce,
        database_url=urlunsplit(inside),
        keys=keys,
        environ=environ | dict(wanted.options),
        logs=wanted.logs,
    )
    ending.callback(remove_topology, wanted.amqp_url, wanted.namespace)
    ending.callback(running.stop)
    return running


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
