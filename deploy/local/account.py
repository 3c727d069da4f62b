"""The system account that a server runs as, when the caller is root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict


class PopenAccount(TypedDict, total=False):
    """The keyword arguments of subprocess that make a child run as another user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """A system user."""

    name: str
    uid: int
    gid: int

    @staticmethod
    def popen_arguments(account: "Account | None") -> PopenAccount:
        """What to pass to subprocess; nothing when the server runs as the caller."""
        if account is None:
            return {}
        return {"user": account.uid, "group": account.gid, "extra_groups": []}


def account_for(server: str) -> Account | None:
    """The user to run this server as: None, the caller, unless the caller is root.

    initdb refuses to run as root, and a broker has no need to. Debian's packages create the users
    `postgres` and `rabbitmq`; where they are missing, `nobody` does as well.
    """
    if os.geteuid() != 0:
        return None
    for name in (server, "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, found.pw_uid, found.pw_gid)
    raise LookupError(
        f"no user '{server}' and no user 'nobody' to run {server} as: create one of them"
    )


def can_enter(folder: Path, account: Account) -> bool:
    """Whether the user may go into the folder: asked of the kernel, which knows ACLs and mounts."""
    answer = subprocess.run(
        ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
        check=False,
        capture_output=True,
        timeout=10,
        **Account.popen_arguments(account),
    )
    return answer.returncode == 0


def give(path: Path, account: Account | None) -> None:
    """Make the user the owner of this file or folder."""
    if account is not None:
        os.chown(path, account.uid, account.gid)
