"""What this machine has: looked at, never changed."""

import os
import platform
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from deploy.local.docker_engine import look_for_images
from deploy.local.plan import MachineFacts, ServerFacts

_POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",  # Debian
    "/usr/pgsql-*/bin",  # the PostgreSQL project's packages for Fedora and its kin
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
_RABBITMQ_FOLDERS = (
    "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin",  # Debian, Fedora
    "/opt/homebrew/opt/rabbitmq/sbin",
    "/usr/local/opt/rabbitmq/sbin",
)
_KIN = {
    "debian": ("debian", "ubuntu"),
    "fedora": ("fedora", "rhel", "centos"),
    "arch": ("arch",),
    "alpine": ("alpine",),
    "suse": ("suse", "opensuse"),
}


def look(environ: Mapping[str, str]) -> MachineFacts:
    """The facts that the choice is made from; takes a few seconds at most."""
    docker = look_for_images(environ)
    return MachineFacts(
        postgres=ServerFacts(
            url=environ.get("DATABASE_URL") or None,
            image=docker.postgres,
            programs=_programs(_POSTGRES_FOLDERS, "initdb", "postgres"),
        ),
        rabbitmq=ServerFacts(
            url=environ.get("AMQP_URL") or None,
            image=docker.rabbitmq,
            programs=_programs(_RABBITMQ_FOLDERS, "rabbitmq-server", "rabbitmq-env"),
        ),
        docker=docker.words,
        docker_host=docker.host,
        system=_system(),
        root=os.geteuid() == 0,
        apt=shutil.which("apt-get") is not None,
    )


def _programs(folders: tuple[str, ...], *names: str) -> Path | None:
    """The folder with all these programs: the newest of the usual places, else by the PATH."""
    for pattern in folders:
        found = [path for path in Path("/").glob(pattern.lstrip("/")) if _has(path, names)]
        if found:
            return max(found, key=_version)
    on_path = shutil.which(names[0])
    folder = Path(on_path).resolve().parent if on_path else None
    return folder if folder is not None and _has(folder, names) else None


def _has(folder: Path, names: tuple[str, ...]) -> bool:
    return all(os.access(folder / name, os.R_OK) for name in names)


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", str(path)))


def _system() -> str:
    if platform.system() == "Darwin":
        return "macos"
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return "other"
    names = f"{release.get('ID', '')} {release.get('ID_LIKE', '')}".split()
    kin = (system for system, ids in _KIN.items() if any(name in ids for name in names))
    return next(kin, "other")
