from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.plan import MachineFacts, NothingPossibleError, ServerFacts, Way, choose

BARE = MachineFacts(
    postgres=ServerFacts(),
    rabbitmq=ServerFacts(),
    docker="no Docker engine answers",
    docker_host="",
    system="other",
    root=False,
    apt=False,
)
PROGRAMS = ServerFacts(programs=Path("/opt/bin"))
IMAGE = ServerFacts(image="some:1", programs=Path("/opt/bin"))
URL = ServerFacts(url="x://y", image="some:1", programs=Path("/opt/bin"))
ROOT = replace(BARE, root=True, apt=True)


@pytest.mark.parametrize(
    ("facts", "postgres", "rabbitmq", "packages"),
    [
        (replace(BARE, postgres=URL, rabbitmq=URL), Way.GIVEN, Way.GIVEN, ()),
        (replace(BARE, postgres=URL, rabbitmq=IMAGE), Way.GIVEN, Way.DOCKER, ()),
        (replace(BARE, postgres=IMAGE, rabbitmq=PROGRAMS), Way.DOCKER, Way.BINARIES, ()),
        (replace(ROOT, postgres=PROGRAMS, rabbitmq=PROGRAMS), Way.BINARIES, Way.BINARIES, ()),
        (replace(ROOT, postgres=PROGRAMS), Way.BINARIES, Way.INSTALL, ("rabbitmq-server",)),
        (replace(ROOT, rabbitmq=URL), Way.INSTALL, Way.GIVEN, ("postgresql",)),
        (ROOT, Way.INSTALL, Way.INSTALL, ("postgresql", "rabbitmq-server")),
    ],
)
def test_each_server_takes_the_first_way_there_is(
    facts: MachineFacts, postgres: Way, rabbitmq: Way, packages: tuple[str, ...]
) -> None:
    plan = choose(facts)

    assert (plan.postgres.way, plan.rabbitmq.way) == (postgres, rabbitmq)
    assert plan.packages() == packages


def test_the_reason_is_said_in_one_line() -> None:
    plan = choose(replace(BARE, postgres=PROGRAMS, rabbitmq=IMAGE))

    assert plan.postgres.why == (
        "found /opt/bin; DATABASE_URL is not set; no Docker engine answers"
    )
    assert plan.rabbitmq.why == "a Docker engine answers and has some:1"


@pytest.mark.parametrize(
    ("system", "line"),
    [
        ("debian", "  install:  sudo apt-get install postgresql rabbitmq-server"),
        ("fedora", "  install:  sudo dnf install postgresql-server rabbitmq-server"),
        ("arch", "  install:  sudo pacman -S postgresql rabbitmq"),
        ("alpine", "  install:  doas apk add postgresql rabbitmq-server"),
        ("suse", "  install:  sudo zypper install postgresql-server rabbitmq-server"),
        ("macos", "  install:  brew install postgresql@17 rabbitmq"),
        (
            "other",
            "  install PostgreSQL and RabbitMQ with this system's packages, programs on the PATH",
        ),
    ],
)
def test_nothing_possible_says_what_to_install_on_this_system(system: str, line: str) -> None:
    with pytest.raises(NothingPossibleError) as refusal:
        choose(replace(BARE, system=system))

    assert str(refusal.value).splitlines()[1] == line


def test_only_the_missing_one_is_asked_for() -> None:
    with pytest.raises(NothingPossibleError) as refusal:
        choose(
            replace(BARE, postgres=PROGRAMS, system="debian", docker="the Docker engine lacks x")
        )

    assert str(refusal.value) == (
        "RabbitMQ: not found on this machine (the Docker engine lacks x). One of these helps:\n"
        "  install:  sudo apt-get install rabbitmq-server\n"
        "  or with Docker running:  docker pull rabbitmq:4\n"
        "  or use servers that run elsewhere:  export AMQP_URL=amqp://user:password@host:5672/"
    )


@pytest.mark.parametrize("facts", [replace(BARE, root=True), replace(BARE, apt=True)])
def test_apt_needs_root_and_root_needs_apt(facts: MachineFacts) -> None:
    with pytest.raises(NothingPossibleError):
        choose(facts)
