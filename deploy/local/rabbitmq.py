"""A private RabbitMQ on a free port of 127.0.0.1, with an epmd of its own."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

from deploy.local.account import Account, account_for, give
from deploy.local.probe import LOOPBACK, amqp_answers, free_port
from deploy.local.process import ServerFailedError, ServerProcess
from deploy.local.server import come_up
from deploy.local.slot import home_of, place

_STOP = ((signal.SIGTERM, 30.0), (signal.SIGKILL, 5.0))  # an orderly stop takes 1.4 s when quiet
_STOP_EPMD = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
CONTROL_SECONDS = 60.0  # it starts an Erlang of its own, which takes a second or two when quiet
_NODE = "causeway@localhost"  # its own epmd knows no other node, so the name needs no number
_LOOPBACK_AS_ERLANG = "{127,0,0,1}"
_CONFIGURATION = "log.console = true\nlog.console.level = info\nlog.file = false\n"


class PrivateRabbitMQ:
    """A broker of this run only, with its queues kept from run to run.

    The packaged wrapper in /usr/sbin refuses other users, so the program of the versioned folder is
    called. Left alone, the node would start an epmd that listens everywhere and outlives it; here
    epmd is started first, on loopback, as a process that is known.
    """

    def __init__(self, *, programs: Path, slot: Path) -> None:
        self._programs = programs
        self._slot = slot
        self._account = account_for("rabbitmq")
        self._home = home_of(slot, "rabbitmq", self._account)
        self._node = ServerProcess(
            record=slot / "rabbitmq.pid", log=slot / "rabbitmq.log", account=self._account
        )
        self._epmd = ServerProcess(
            record=slot / "epmd.pid", log=slot / "epmd.log", account=self._account
        )
        self._port: int | None = None
        self._environ: dict[str, str] = {}

    @property
    def url(self) -> str:
        """The URL of the default user, whom the broker admits from this machine only."""
        return f"amqp://guest:guest@{LOOPBACK}:{self._port}/"

    def start(self) -> None:
        """End what an earlier run left, then start epmd and the node."""
        self.stop()
        self._prepare()
        self._port = come_up(
            self._node,
            port=self._port,
            spawn=self._spawn,
            answers=amqp_answers,
            advice=f"to start with empty queues, remove {self._slot} and {self._home}",
        )

    def stop(self) -> None:
        """Let the node write what it holds, then end epmd."""
        self._node.end(*_STOP)
        self._epmd.end(*_STOP_EPMD)

    def close(self) -> None:
        """Stop it; the data stays for the next run."""
        self.stop()

    def kill(self) -> None:
        """SIGKILL to the node, as a crash would; epmd ends with it."""
        self._node.end((signal.SIGKILL, 10.0))
        self._epmd.end(*_STOP_EPMD)

    def control(self, *words: str) -> None:
        """`rabbitmqctl` with these words, at the running node. Raises ServerFailedError."""
        answer = subprocess.run(
            [str(self._programs / "rabbitmqctl"), *words],
            cwd=self._home,
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=CONTROL_SECONDS,
            **Account.popen_arguments(self._account),
        )
        if answer.returncode != 0:
            raise ServerFailedError(f"rabbitmqctl {words[0]} failed:\n{answer.stderr.strip()}")

    def _prepare(self) -> None:
        self._data.mkdir(mode=0o700, exist_ok=True)
        give(self._data, self._account)
        place(self._home / "enabled_plugins", "[].\n", self._account)
        place(self._home / "rabbitmq.conf", _CONFIGURATION, self._account)
        place(self._home / "rabbitmq-env.conf", "", self._account)

    @property
    def _data(self) -> Path:
        return self._home / f"data-{_version(self._programs)}"

    def _spawn(self, port: int) -> None:
        self._epmd.end(*_STOP_EPMD)
        epmd_port = free_port()
        self._epmd.spawn(
            [str(_epmd()), "-address", LOOPBACK, "-port", str(epmd_port)], cwd=self._home, env={}
        )
        self._environ = node_environment(self._home, self._data, port, epmd_port)
        self._node.spawn(
            [str(self._programs / "rabbitmq-server")], cwd=self._home, env=self._environ
        )


def node_environment(home: Path, data: Path, port: int, epmd_port: int) -> dict[str, str]:
    """Every place and port of the node, so that it touches nothing of a system installation.

    HOME holds the cookie, which Erlang makes on the first start. The distribution port would be the
    AMQP port + 20000, which may be taken or not exist. RABBITMQ_ALLOW_INPUT makes the start script
    become the node instead of waiting for it: one process, known by its id; -noinput and +B i are
    what the script then leaves out.
    """
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "ERL_EPMD_ADDRESS": LOOPBACK,
        "ERL_EPMD_PORT": str(epmd_port),
        "ERL_CRASH_DUMP": str(home / "erl_crash.dump"),
        "RABBITMQ_ALLOW_INPUT": "1",
        "RABBITMQ_NODENAME": _NODE,
        "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
            f"-noinput +B i -kernel inet_dist_use_interface {_LOOPBACK_AS_ERLANG}"
        ),
        "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
        "RABBITMQ_CONFIG_FILES": str(home / "conf.d"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(data / "config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(data),
        "RABBITMQ_MNESIA_DIR": str(data / "node"),
        "RABBITMQ_FEATURE_FLAGS_FILE": str(data / "feature_flags"),
        "RABBITMQ_LOG_BASE": str(home),
        "RABBITMQ_PID_FILE": str(home / "node.pid"),
    }


def _version(programs: Path) -> str:
    """The version in the folder's name, as data may only move up in small steps of it."""
    found = re.search(r"\d+\.\d+", str(programs.resolve()))
    return found.group() if found else "unknown"


def _epmd() -> Path:
    direct = shutil.which("epmd")
    if direct:
        return Path(direct)
    erlang = shutil.which("erl")
    beside = Path(erlang).resolve().parent / "epmd" if erlang else None
    if beside is not None and beside.exists():
        return beside
    raise ServerFailedError(
        "RabbitMQ is here, but not Erlang's epmd: install Erlang, with erl and epmd on the PATH"
    )
