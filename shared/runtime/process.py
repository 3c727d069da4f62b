"""One process: its role, its signals, its start and its stop."""

import argparse
import asyncio
import contextlib
import random
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Generic, NoReturn

import uvloop
from prometheus_client import CollectorRegistry, ProcessCollector

from shared.kernel.errors import CausewayError, RetriableError
from shared.runtime.operations import operations
from shared.runtime.service import Service
from shared.runtime.serving import CannotListenError, HttpServer, listen
from shared.runtime.settings import ConfigurationError, DeploymentSettings, S, load_settings
from shared.runtime.steps import declare_topology, migrate
from shared.runtime.supervision import Supervisor
from shared.runtime.wiring import close_service, wire
from shared.telemetry.logs import configure_logs, get_logger
from shared.telemetry.metrics import Labelled, Metrics
from shared.telemetry.traces import configure_traces
from shared.web.app import create_app

_LOG = get_logger(__name__)


class Role(StrEnum):
    """What a process does: serve HTTP, do the work, both, or one step of a deployment."""

    API = "api"
    WORKER = "worker"
    ALL = "all"
    MIGRATE = "migrate"
    TOPOLOGY = "topology"


class Exit(IntEnum):
    """Exit codes, for supervisors and scripts."""

    STOPPED = 0
    FAILED = 1
    MISCONFIGURED = 2  # argparse's own code for a wrong command line
    CANNOT_LISTEN = 3
    CUT_SHORT = 4  # the grace period was over before the work was


@dataclass(frozen=True, slots=True)
class Definition(Generic[S]):
    """A service before it is configured: its name, its settings' type and its `build`."""

    name: str
    settings_type: type[S]
    build: Callable[[S], Service]


def run(name: str, settings_type: type[S], build: Callable[[S], Service]) -> NoReturn:
    """The `__main__` of one service: `api|worker|migrate|topology|all` on the command line."""
    parser = argparse.ArgumentParser(
        prog=f"python -m services.{name}", description=f"Causeway's {name} service"
    )
    parser.add_argument("role", choices=[role.value for role in Role])
    role = Role(parser.parse_args().role)
    sys.exit(execute(name, [Definition(name, settings_type, build)], role))


def execute(name: str, definitions: Sequence[Definition[Any]], role: Role) -> Exit:
    """Run a role for these services in this process, and return the exit code at its end.

    `name` is what logs and traces call the process.
    """
    try:
        settings = settings_of(definitions)
        configure_logs(service=name, level=settings[0].log_level)
        configure_traces(service=name, export_path=settings[0].trace_path)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_perform(name, definitions, settings, role))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return Exit.MISCONFIGURED
    except CannotListenError as error:
        sys.stderr.write(f"{error}\n")
        return Exit.CANNOT_LISTEN
    except CausewayError as error:
        sys.stderr.write(f"{role.value} of {name} failed: {error}\n")
        return Exit.FAILED
    except Exception:  # noqa: BLE001 - a plain traceback would pass by the redaction of the logs
        _LOG.exception("failed", role=role.value)
        return Exit.FAILED


def settings_of(definitions: Sequence[Definition[Any]]) -> list[DeploymentSettings]:
    """Each service's settings; all that is missing anywhere is told at once."""
    found: list[DeploymentSettings] = []
    problems: list[str] = []
    for definition in definitions:
        try:
            found.append(load_settings(definition.settings_type))
        except ConfigurationError as error:
            problems.extend(str(error).splitlines()[1:])
    if problems:
        listed = "\n".join(dict.fromkeys(problems))
        raise ConfigurationError(
            f"The configuration is not complete. Set these variables:\n{listed}"
        )
    return found


async def _perform(
    name: str,
    definitions: Sequence[Definition[Any]],
    settings: Sequence[DeploymentSettings],
    role: Role,
) -> Exit:
    deployment = settings[0]
    if role is Role.MIGRATE:
        for definition, own in zip(definitions, settings, strict=True):
            await migrate(definition.name, own)
        return Exit.STOPPED
    async with contextlib.AsyncExitStack() as opened:
        services = []
        for definition, own in zip(definitions, settings, strict=True):
            services.append(definition.build(own))
            opened.push_async_callback(close_service, services[-1])
        if role is Role.TOPOLOGY:
            await declare_topology(
                services,
                deployment.amqp_url.get_secret_value(),
                deployment.amqp_namespace,
            )
            return Exit.STOPPED
        bound = listen(deployment.host, deployment.port)
        return await Process(name, services, role, deployment, bound).run()


class Process:
    """The services of one process while they run."""

    def __init__(
        self,
        name: str,
        services: Sequence[Service],
        role: Role,
        deployment: DeploymentSettings,
        bound: socket.socket,
    ) -> None:
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._deployment = deployment
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()
        wired = [
            wire(
                service,
                amqp_url=deployment.amqp_url.get_secret_value(),
                namespace=deployment.amqp_namespace,
                working=role is Role.WORKER
                or (role is Role.ALL and service.name not in deployment.apart),
            )
            for service in services
        ]
        self._loops = [loop for wiring in wired for loop in wiring.loops]
        self._supervisor = Supervisor(Metrics(registry), jitter=random.Random())  # noqa: S311 - jitter
        own = {service.name: service.metrics.registry for service in services}
        registry.register(Labelled("service", own))
        self._bound = bound
        serving = services if role is not Role.WORKER else ()
        self._server = HttpServer(
            create_app(
                title=f"Causeway {name}",
                routers=[r for s in serving for r in (*s.routers, *operations(s, deployment))],
                checks={
                    "process": self._not_stopping,
                    **{name: check for wiring in wired for name, check in wiring.checks.items()},
                },
                registry=registry,
            ),
            bound,
        )

    async def run(self) -> Exit:
        """Serve until SIGTERM or SIGINT; then finish the work within the grace, then stop HTTP.

        HTTP goes on while loops finish: they may need another service of this process. A second
        signal cancels at once.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        try:
            http = self._server.start()
            host, port = self._bound.getsockname()[:2]
            self._supervisor.start(self._loops, self._stop)
            _LOG.info("started", host=host, port=port, loops=len(self._loops))
            return await self._until_stopped(http)
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    async def _until_stopped(self, http: asyncio.Task[None]) -> Exit:
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait({stopped, http}, return_when=asyncio.FIRST_COMPLETED)
        failed = not stopped.done()
        if failed:
            error = None if http.cancelled() else http.exception()
            _LOG.error("the HTTP server ended by itself", exc_info=error)
            stopped.cancel()
        self._stop.set()
        late = await self._supervisor.finish(self._deployment.grace_seconds, self._hurry)
        await self._server.stop()
        if late:
            _LOG.warning("cancelled at the end of the grace period", late=late)
        _LOG.info("stopped")
        return Exit.FAILED if failed else Exit.CUT_SHORT if late else Exit.STOPPED

    def _on_signal(self) -> None:
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()

    async def _not_stopping(self) -> None:
        if self._stop.is_set():
            raise RetriableError("The process is stopping.", code="stopping")
