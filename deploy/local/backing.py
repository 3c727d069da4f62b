"""The one entry point: a Postgres and a RabbitMQ for as long as a block runs."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from deploy.local import apt
from deploy.local.container import postgres_container, rabbitmq_container
from deploy.local.machine import look
from deploy.local.plan import Choice, MachineFacts, Plan, ServerFacts, Way, choose
from deploy.local.postgres import PrivatePostgres
from deploy.local.rabbitmq import PrivateRabbitMQ
from deploy.local.server import Broker, Server
from deploy.local.slot import claimed

S = TypeVar("S", bound=Server)
_PASSWORD = re.compile(r"(://[^:/@]*:).*@")


@dataclass(frozen=True, slots=True)
class Controls:
    """Stops, kills and starts the servers of this run; every call blocks until it is done.

    For tests of crashes. The URLs stay the same across a restart.
    """

    postgres: Server
    rabbitmq: Broker

    def stop_postgres(self) -> None:
        """In order: clients are disconnected, a checkpoint is written."""
        self.postgres.stop()

    def kill_postgres(self) -> None:
        """SIGKILL."""
        self.postgres.kill()

    def start_postgres(self) -> None:
        """After a stop or a kill."""
        self.postgres.start()

    def stop_rabbitmq(self) -> None:
        """In order."""
        self.rabbitmq.stop()

    def kill_rabbitmq(self) -> None:
        """SIGKILL."""
        self.rabbitmq.kill()

    def start_rabbitmq(self) -> None:
        """After a stop or a kill."""
        self.rabbitmq.start()

    def control_rabbitmq(self, *words: str) -> None:
        """`rabbitmqctl`, to set off an alarm; a restart forgets what it was told."""
        self.rabbitmq.control(*words)


@dataclass(frozen=True, slots=True)
class Backing:
    """Where the servers are, how they came about, and the controls when both are this run's own."""

    database_url: str
    amqp_url: str
    how: tuple[str, ...]
    controls: Controls | None


@contextmanager
def backing(
    *,
    root: Path,
    say: Callable[[str], None],
    name: str = "dev",
    environ: Mapping[str, str] | None = None,
) -> Iterator[Backing]:
    """Yield both servers, and stop at the end exactly what was started.

    Args:
        root: the checkout; data goes to `.local/<name>-<n>` in it.
        say: gets one line a step, without secrets.
        name: keeps the data of different uses apart (demo, test, bench).
        environ: where DATABASE_URL and AMQP_URL are looked for; by default the process's own.

    Raises:
        NothingPossibleError: there is no way to a server; the text says what to install.
        ServerFailedError: a server, or apt, failed; the text says which log tells why.
    """
    environ = os.environ if environ is None else environ
    facts, plan = _settle(environ, root=root.resolve(), say=say)
    how = describe(facts, plan)
    for line in how:
        say(line)
    with ExitStack() as stack:
        postgres, rabbitmq = _servers(facts, plan, root=root.resolve(), name=name, stack=stack)
        for label, server in (("postgres", postgres), ("rabbitmq", rabbitmq)):
            if server is not None:
                stack.callback(server.close)
                server.start()
                say(f"{label}: ready, {masked(server.url)}")
        yield Backing(
            database_url=postgres.url if postgres else facts.postgres.url or "",
            amqp_url=rabbitmq.url if rabbitmq else facts.rabbitmq.url or "",
            how=how,
            controls=Controls(postgres, rabbitmq) if postgres and rabbitmq else None,
        )


def describe(facts: MachineFacts, plan: Plan) -> tuple[str, ...]:
    """What was chosen and why, one line for each server, without passwords."""
    lines = []
    chosen = (
        ("postgres", plan.postgres, facts.postgres),
        ("rabbitmq", plan.rabbitmq, facts.rabbitmq),
    )
    for label, choice, seen in chosen:
        given = f" {masked(seen.url)}" if seen.url else ""
        lines.append(f"{label}: {_WORDS[choice.way]}{given} ({choice.why})")
    return tuple(lines)


_WORDS = {
    Way.GIVEN: "given",
    Way.DOCKER: "a container of its own",
    Way.BINARIES: "a private instance",
    Way.INSTALL: "to be installed with apt-get",
}


def masked(url: str) -> str:
    """The URL with its password hidden, and without parameters, which may hold another."""
    return _PASSWORD.sub(r"\1***@", url.partition("?")[0])


def _settle(
    environ: Mapping[str, str], *, root: Path, say: Callable[[str], None]
) -> tuple[MachineFacts, Plan]:
    facts = look(environ)
    plan = choose(facts)
    packages = plan.packages()
    if packages:
        apt.install(packages, log=root / ".local" / "apt.log", say=say)
        facts = replace(
            look(environ), apt=False
        )  # what is missing even now would be missing for ever
        plan = choose(facts)
    return facts, plan


def _servers(
    facts: MachineFacts, plan: Plan, *, root: Path, name: str, stack: ExitStack
) -> tuple[Server | None, Broker | None]:
    if plan.postgres.way is Way.GIVEN and plan.rabbitmq.way is Way.GIVEN:
        return None, None
    slot = stack.enter_context(claimed(root, name))
    postgres_in = partial(postgres_container, host=facts.docker_host)
    rabbitmq_in: Callable[..., Broker] = partial(rabbitmq_container, host=facts.docker_host)
    private_rabbitmq: Callable[..., Broker] = PrivateRabbitMQ
    return (
        _server(plan.postgres, facts.postgres, slot, PrivatePostgres, postgres_in),
        _server(plan.rabbitmq, facts.rabbitmq, slot, private_rabbitmq, rabbitmq_in),
    )


def _server(
    choice: Choice,
    seen: ServerFacts,
    slot: Path,
    private: Callable[..., S],
    container: Callable[..., S],
) -> S | None:
    if choice.way is Way.BINARIES:
        return private(programs=seen.programs, slot=slot)
    if choice.way is Way.DOCKER:
        return container(image=seen.image, slot=slot)
    return None  # given; what had to be installed has become binaries by now
