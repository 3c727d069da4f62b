"""A private Postgres on a free port of 127.0.0.1."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from deploy.local.account import Account, account_for, give
from deploy.local.probe import LOOPBACK, postgres_answers
from deploy.local.process import ServerFailedError, ServerProcess
from deploy.local.server import come_up
from deploy.local.slot import home_of, place

INITDB_SECONDS = 120  # takes 0.5 s; much longer only on a disk that is about to fail
_FAST, _IMMEDIATE = signal.SIGINT, signal.SIGQUIT  # SIGTERM would wait for every client to leave
_STOP = ((_FAST, 20.0), (_IMMEDIATE, 10.0), (signal.SIGKILL, 5.0))


class PrivatePostgres:
    """A server of this run only, with its data kept from run to run.

    It listens on TCP only: nothing here needs a socket file, whose path would have to stay under
    107 bytes. The password is random and stays in the instance's folder.
    """

    def __init__(self, *, programs: Path, slot: Path) -> None:
        self._programs = programs
        self._slot = slot
        self._account = account_for("postgres")
        self._home = home_of(slot, "postgres", self._account)
        self._data = self._home / f"data-{_major(programs)}"
        self._process = ServerProcess(
            record=slot / "postgres.pid", log=slot / "postgres.log", account=self._account
        )
        self._port: int | None = None

    @property
    def url(self) -> str:
        """The superuser's URL."""
        password = self._password_file.read_text(encoding="utf-8").strip()
        return f"postgresql://postgres:{password}@{LOOPBACK}:{self._port}/postgres"

    def start(self) -> None:
        """Make the data folder if there is none, end what an earlier run left, and start."""
        self._process.end(*_STOP)
        if not self._data.exists():
            self._initialise()
        self._port = come_up(
            self._process,
            port=self._port,
            spawn=self._spawn,
            answers=postgres_answers,
            advice=f"to start with empty data, remove {self._slot} and {self._home}",
        )

    def stop(self) -> None:
        """Disconnect the clients and write a checkpoint."""
        self._process.end(*_STOP)

    def close(self) -> None:
        """Stop it; the data stays for the next run."""
        self.stop()

    def kill(self) -> None:
        """SIGKILL: what was committed is recovered from the log at the next start."""
        self._process.end((signal.SIGKILL, 10.0))

    @property
    def _password_file(self) -> Path:
        return self._home / "password"

    def _spawn(self, port: int) -> None:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(port),
            "unix_socket_directories": "",
            "max_connections": "300",  # eight services with pools, twice, and the test workers
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(self._data), *options]
        self._process.spawn(command, cwd=self._home, env=_environment(self._home))

    def _initialise(self) -> None:
        draft = self._home / "data.draft"  # renamed when complete: a half-made folder is never used
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        give(draft, self._account)
        place(self._password_file, f"{secrets.token_urlsafe(24)}\n", self._account)
        made = subprocess.run(
            [
                self._programs / "initdb",
                "-D",
                draft,
                *_INITDB_OPTIONS,
                "--pwfile",
                self._password_file,
            ],
            cwd=self._home,
            env=_environment(self._home),
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INITDB_SECONDS,
            **Account.popen_arguments(self._account),
        )
        if made.returncode != 0:
            raise ServerFailedError(f"initdb fails in {draft}:\n{made.stdout.strip()}")
        draft.rename(self._data)


_INITDB_OPTIONS = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=" + ("en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"),
    "--no-sync",  # an empty folder is worth no wait for the disk; the server itself syncs as usual
)


def _environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LC_MESSAGES": "C"}


def _major(programs: Path) -> str:
    """The major version, which owns the data's format: "15"."""
    answer = subprocess.run(
        [programs / "postgres", "--version"], check=True, capture_output=True, text=True, timeout=10
    )
    return answer.stdout.split()[2].partition(".")[0]
