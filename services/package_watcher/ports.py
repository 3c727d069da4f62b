"""What the use cases of the package watcher need from the outside, as protocols."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from services.package_watcher.domain.model import Installation, Org, Step
from services.package_watcher.domain.observation import Held, Observation, Refused, Unreachable
from services.package_watcher.domain.presence import Finding, Presence
from services.package_watcher.domain.window import Window, WindowSeen, WindowStep
from shared.outbox.mail import Outgoing


@dataclass(frozen=True, slots=True)
class Taken:
    """An installation held by `token` until its lease ends."""

    installation: Installation
    token: UUID


@dataclass(frozen=True, slots=True)
class Current:
    """The current installation of a connection, and when it is looked at next."""

    installation: Installation
    due_at: datetime | None
    looked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Checking:
    """A presence held by `token` until its lease ends."""

    presence: Presence
    token: UUID


@dataclass(frozen=True, slots=True)
class Known:
    """The presence of a connection's package, when it was looked at and will be next."""

    presence: Presence
    due_at: datetime | None
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class TakenWindow:
    """An order about the window, held by `token` until its lease ends."""

    window: Window
    token: UUID


@dataclass(frozen=True, slots=True)
class LayoutSeen:
    """A page layout by its full name; `problem` says why it cannot be patched, if it cannot."""

    name: str
    window: bool
    problem: str = ""


class Orgs(Protocol):
    """What is kept of each connection. `window` is empty until an admin decided about it."""

    async def get(self, connection_id: UUID) -> Org | None:
        """The org that is connected now."""
        ...

    async def kept(self, connection_id: UUID) -> Org | None:
        """Also one that is disconnected: nothing of it is taken until it is connected again."""
        ...

    async def save(self, org: Org) -> None: ...
    async def window(self, connection_id: UUID) -> str:
        """The decision about the in-record window."""
        ...

    async def decide_window(self, connection_id: UUID, decision: str) -> bool:
        """Keeps a decision; False when it was the same before."""
        ...

    async def sharing(self, org: Org) -> list[UUID]:
        """Other connections that use the same org, in the order of their ids."""
        ...

    async def forget(self, connection_id: UUID) -> None:
        """Deletes all that is held of a connection's org."""
        ...


class Installations(Protocol):
    """One row an installation; the last of a connection is its current one."""

    async def current(self, connection_id: UUID) -> Current | None: ...

    async def held(self, connection_id: UUID) -> Installation | None:
        """The current one, held by this transaction until it ends."""
        ...

    async def known(self, installation_id: UUID) -> bool:
        """Whether there is or was an installation of this id."""
        ...

    async def begin(self, installation: Installation) -> None:
        """Makes it the current one, due at once; the one before is not looked at again."""
        ...

    async def go_on(self, installation: Installation) -> None:
        """Writes a current one that goes on, due at once; a look that is under way is dropped."""
        ...

    async def take(self, *, token: UUID, lease: timedelta) -> Taken | None:
        """The one that is due longest, held until the lease ends by the database's clock."""
        ...

    async def retake(self, taken: Taken) -> Installation | None:
        """The row as it is now, held by this transaction; None when it is no longer ours."""
        ...

    async def settle(self, installation: Installation, due_in: timedelta | None) -> None:
        """Writes what is known now, and when to look again; never when that is None."""
        ...


class Presences(Protocol):
    """What is known of packages that were in place once; one row a connection."""

    async def get(self, connection_id: UUID) -> Known | None: ...

    async def held(self, connection_id: UUID) -> Presence | None:
        """The row, held by this transaction until it ends."""
        ...

    async def put(self, presence: Presence, due_in: timedelta | None) -> None:
        """Writes what is known, and when to look next; a look that is under way is dropped."""
        ...

    async def hasten(self, connection_ids: Sequence[UUID]) -> None:
        """Has these looked at now."""
        ...

    async def take(self, *, token: UUID, lease: timedelta) -> Checking | None:
        """The one that is due longest, held until the lease ends by the database's clock."""
        ...

    async def retake(self, checking: Checking) -> Presence | None:
        """The row as it is now, held by this transaction; None when it is no longer ours."""
        ...

    async def checked(self, presence: Presence, due_in: timedelta) -> None:
        """As `put`, after a look."""
        ...

    async def forget(self, connection_id: UUID) -> None: ...


class Windows(Protocol):
    """Orders about the in-record window, one row each, kept as `Installations` are."""

    async def current(self, connection_id: UUID) -> Window | None: ...
    async def held(self, connection_id: UUID) -> Window | None: ...
    async def known(self, window_id: UUID) -> bool: ...
    async def begin(self, window: Window) -> None: ...
    async def take(self, *, token: UUID, lease: timedelta) -> TakenWindow | None: ...
    async def retake(self, taken: TakenWindow) -> Window | None: ...
    async def settle(self, window: Window, due_in: timedelta | None) -> None: ...


class Work(Protocol):
    """One transaction of the store; it commits when its context ends without an error."""

    @property
    def orgs(self) -> Orgs: ...
    @property
    def installations(self) -> Installations: ...
    @property
    def presences(self) -> Presences: ...
    @property
    def windows(self) -> Windows: ...

    async def now(self) -> datetime:
        """The database's clock, the only one that deadlines go by."""
        ...

    async def emit(self, events: Sequence[Outgoing]) -> None:
        """Puts events into the outbox of this transaction, in this order."""
        ...


class Store(Protocol):
    """The service's own schema."""

    def begin(self) -> AbstractAsyncContextManager[Work]:
        """A transaction, committed when the context ends without an error."""
        ...


class Salesforce(Protocol):
    """The org of a connection, with the eyes of the connected user."""

    async def carry_out(self, step: Step, installation: Installation, org: Org) -> Observation:
        """Does one step. Every error of a call is an observation too; every step is repeatable."""
        ...

    async def check_up(self, presence: Presence, org: Org) -> Finding:
        """Looks whether the package is still in place. Every error of a call is a finding too."""
        ...


class Vault(Protocol):
    """Installation keys at rest."""

    def seal(self, installation_id: UUID, password: str) -> str:
        """The key, so that only this installation can open it."""
        ...


class WindowSalesforce(Protocol):
    """The page layouts of a connection's org."""

    async def layouts(
        self, connection_id: UUID
    ) -> Sequence[LayoutSeen] | Refused | Unreachable | Held:
        """The layouts of leads and contacts, read while somebody waits."""
        ...

    async def carry_out(self, step: WindowStep, window: Window) -> WindowSeen:
        """Does one step. Every error of a call is an observation too; every step is repeatable."""
        ...
