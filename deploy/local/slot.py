"""Where instances live: `.local/<name>-<n>`, one run at a time in each."""

import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.account import Account, can_enter, give
from deploy.local.process import ServerFailedError

SLOTS = 8  # runs of one name at once in one checkout; each costs about 200 MB of memory
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


@contextmanager
def claimed(root: Path, name: str) -> Iterator[Path]:
    """The first free folder of this name, held until the end of the block.

    The hold is a kernel lock on an open file: it goes with the process, however it ends, so it is
    never stale. Two runs never share an instance, as one may restart or empty what it uses.

    Raises:
        ServerFailedError: every folder is taken, or `.local` belongs to another user.
    """
    if not _NAME.fullmatch(name):
        raise ServerFailedError(f"instance name {name!r}: use lower-case letters, digits and _")
    try:
        (root / ".local").mkdir(mode=0o755, exist_ok=True)
    except OSError as reason:
        raise ServerFailedError(
            f"no folder for data: {root}/.local: {reason.strerror}; free that name, or let this "
            "user write there"
        ) from reason
    for number in range(1, SLOTS + 1):
        folder = root / ".local" / f"{name}-{number}"
        with hold(folder) as held:
            if held:
                yield folder
                return
    raise ServerFailedError(
        f"all {SLOTS} instances {root}/.local/{name}-* are in use or belong to another user: "
        "stop a run, or remove the folders of the other user"
    )


@contextmanager
def hold(folder: Path) -> Iterator[bool]:
    """Whether this process holds the instance's folder, for the length of the block."""
    lock = _try_lock(folder)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            os.close(lock)


def _try_lock(folder: Path) -> int | None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        if folder.stat().st_uid != os.geteuid():
            return None
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    if not (folder / "lock").exists():  # a reset removed the folder between the two calls
        os.close(lock)
        return None
    return lock


def home_of(slot: Path, server: str, account: Account | None) -> Path:
    """The folder for the server's data, owned by the user it runs as.

    It lies in the slot, unless that user cannot go there (a checkout under root's home); then it is
    a new temporary folder, and `<server>.location` in the slot points to it.
    """
    pointer = slot / f"{server}.location"
    if pointer.exists():
        moved = Path(pointer.read_text(encoding="utf-8").strip())
        if moved.is_dir():
            return moved
    home = slot / server
    home.mkdir(exist_ok=True, mode=0o700)
    give(home, account)
    if account is None or can_enter(home, account):
        return home
    home.rmdir()
    moved = Path(tempfile.mkdtemp(prefix="causeway-"))
    give(moved, account)
    pointer.write_text(f"{moved}\n", encoding="utf-8")
    return moved


def place(path: Path, text: str, account: Account | None) -> Path:
    """Write a file that only the server's user (and root) can read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    give(path, account)
    return path
