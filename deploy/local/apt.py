"""Installs missing packages on Debian and its kin, without starting the system's own services."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.local.process import ServerFailedError

UPDATE_SECONDS = 180  # takes 1 s near a mirror
INSTALL_SECONDS = 600  # takes 8 to 30 s near a mirror; dpkg is slow on a slow disk
STOP_SECONDS = 30  # apt finishes the step that it is in
LOCK_SECONDS = 120  # another apt, such as the system's nightly one, may hold dpkg's lock
_POLICY = Path("/usr/sbin/policy-rc.d")
_LOCK = Path("/run/causeway-apt.lock")
_POLICY_TEXT = (
    "#!/bin/sh\n"
    "# Written by Causeway for the length of one apt-get run: installed services do not start.\n"
    "exit 101\n"
)


def install(packages: Sequence[str], *, log: Path, say: Callable[[str], None]) -> None:
    """Install the packages; a second caller at the same time waits for the first.

    Raises:
        ServerFailedError: apt failed or took too long; the text names the log.
    """
    say(f"installing {' and '.join(packages)} with apt-get, half a minute or so (log: {log})")
    began = time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    with _alone(), services_kept_down(_POLICY):
        _apt(["update"], UPDATE_SECONDS, log)
        _apt(["install", "-y", "--no-install-recommends", *packages], INSTALL_SECONDS, log)
    say(f"installed in {time.monotonic() - began:.0f} s")


@contextmanager
def _alone() -> Iterator[None]:
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def services_kept_down(policy: Path) -> Iterator[None]:
    """Debian asks this program before a package starts its service; ours says no.

    One that is there already belongs to the machine's owner and stays, unless it is ours, left by a
    run that was killed.
    """
    if policy.exists() and policy.read_text(encoding="utf-8", errors="replace") != _POLICY_TEXT:
        yield
        return
    policy.write_text(_POLICY_TEXT, encoding="utf-8")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink(missing_ok=True)


def _apt(words: list[str], seconds: int, log: Path) -> None:
    command = ["apt-get", "-q", "-o", f"DPkg::Lock::Timeout={LOCK_SECONDS}", *words]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,  # Ctrl-C in the middle of dpkg would leave half a package
        )
        try:
            code = child.wait(timeout=seconds)
        except BaseException as reason:
            _end(child)
            if isinstance(reason, subprocess.TimeoutExpired):
                raise ServerFailedError(
                    f"apt-get {words[0]} took longer than {seconds} s; see {log}, "
                    "then run: dpkg --configure -a"
                ) from None
            raise
    if code != 0:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:])
        raise ServerFailedError(
            f"apt-get {words[0]} failed with code {code}:\n{tail}\n  log: {log}"
        )


def _end(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
