"""Where Postgres and RabbitMQ come from on this machine: a pure choice over what was seen."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Way(StrEnum):
    """The four ways to a server, in the order of preference."""

    GIVEN = "given"
    DOCKER = "docker"
    BINARIES = "binaries"
    INSTALL = "install"


class NothingPossibleError(Exception):
    """No way leads to a server here; the text says what to install or set."""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What was seen of one server: a URL, an image that is present, a folder with its programs."""

    url: str | None = None
    image: str | None = None
    programs: Path | None = None


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What was seen of the machine.

    `docker` is what the probe of the engine found, in words, and `docker_host` its address or "".
    An image is named in `ServerFacts` only when the engine holds it and testcontainers is there.
    """

    postgres: ServerFacts
    rabbitmq: ServerFacts
    docker: str
    docker_host: str
    system: str
    root: bool
    apt: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One server's way, and the reason in one line."""

    way: Way
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The ways of both servers."""

    postgres: Choice
    rabbitmq: Choice

    def packages(self) -> tuple[str, ...]:
        """The Debian packages that have to be installed first; empty when nothing is missing."""
        chosen = (("postgresql", self.postgres), ("rabbitmq-server", self.rabbitmq))
        return tuple(package for package, choice in chosen if choice.way is Way.INSTALL)


def choose(facts: MachineFacts) -> Plan:
    """The plan for a machine with these facts.

    Raises:
        NothingPossibleError: a server is neither given nor present, and may not be installed.
    """
    postgres = _choose_one(facts, facts.postgres, "DATABASE_URL")
    rabbitmq = _choose_one(facts, facts.rabbitmq, "AMQP_URL")
    if postgres is None or rabbitmq is None:
        raise NothingPossibleError(
            _advice(facts, no_postgres=not postgres, no_rabbitmq=not rabbitmq)
        )
    return Plan(postgres, rabbitmq)


def _choose_one(facts: MachineFacts, server: ServerFacts, variable: str) -> Choice | None:
    if server.url is not None:
        return Choice(Way.GIVEN, f"{variable} is set")
    if server.image is not None:
        return Choice(Way.DOCKER, f"a Docker engine answers and has {server.image}")
    if server.programs is not None:
        return Choice(
            Way.BINARIES, f"found {server.programs}; {variable} is not set; {facts.docker}"
        )
    if facts.root and facts.apt:
        return Choice(
            Way.INSTALL,
            f"not on this machine, which is Debian-like, and this is root; {facts.docker}",
        )
    return None


_INSTALL = {
    "debian": ("sudo apt-get install", "postgresql", "rabbitmq-server"),
    "fedora": ("sudo dnf install", "postgresql-server", "rabbitmq-server"),
    "arch": ("sudo pacman -S", "postgresql", "rabbitmq"),
    "alpine": ("doas apk add", "postgresql", "rabbitmq-server"),
    "suse": ("sudo zypper install", "postgresql-server", "rabbitmq-server"),
    "macos": ("brew install", "postgresql@17", "rabbitmq"),
}
_IMAGES = ("postgres:17", "rabbitmq:4")
_VARIABLES = (
    "DATABASE_URL=postgresql://user:password@host:5432/database",
    "AMQP_URL=amqp://user:password@host:5672/",
)


def _advice(facts: MachineFacts, *, no_postgres: bool, no_rabbitmq: bool) -> str:
    missing = (no_postgres, no_rabbitmq)

    def wanted(pair: tuple[str, str]) -> str:
        return " ".join(word for word, needed in zip(pair, missing, strict=True) if needed)

    names = " and ".join(wanted(("PostgreSQL", "RabbitMQ")).split())
    lines = [f"{names}: not found on this machine ({facts.docker}). One of these helps:"]
    if facts.system in _INSTALL:
        command, postgres, rabbitmq = _INSTALL[facts.system]
        lines.append(f"  install:  {command} {wanted((postgres, rabbitmq))}")
    else:
        lines.append(f"  install {names} with this system's packages, programs on the PATH")
    pulls = " && ".join(f"docker pull {image}" for image in wanted(_IMAGES).split())
    lines.append(f"  or with Docker running:  {pulls}")
    lines.append(f"  or use servers that run elsewhere:  export {wanted(_VARIABLES)}")
    return "\n".join(lines)
