"""A store and two CRMs that hold their state in memory."""

import copy
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from services.connection.domain.attempt import Attempt, Departure, digest
from services.connection.domain.connection import Connection, Facts, Grant, State, Tokens
from services.connection.domain.failures import ConnectError, Failures
from services.connection.domain.features import SALESFORCE_FIELDS, Right
from services.connection.domain.preflight import Preflight
from services.connection.domain.seen import (
    Calls,
    FieldSeen,
    HubSpotSeen,
    ObjectSeen,
    Org,
    SalesforceSeen,
    Trouble,
)
from services.connection.ports import GrantDeadError
from shared.kernel.errors import CausewayError
from shared.kernel.records import Side
from shared.outbox.mail import Outgoing

START = datetime(2026, 3, 2, 10, 20, tzinfo=UTC)
Lease = tuple[UUID, datetime]


@dataclass
class FakeWork:
    clock: datetime = START
    rows: dict[UUID, Connection] = field(default_factory=dict)
    keys: dict[str, UUID] = field(default_factory=dict)
    grant_rows: dict[tuple[UUID, Side], Grant] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    leases: dict[tuple[UUID, Side], Lease] = field(default_factory=dict)
    outbox: list[Outgoing] = field(default_factory=list)
    runs: dict[UUID, Preflight] = field(default_factory=dict)
    former: dict[UUID, UUID] = field(default_factory=dict)

    async def now(self) -> datetime:
        return self.clock

    async def add_connection(self, new: Connection, request_key: str | None) -> Connection:
        if request_key is not None and request_key in self.keys:
            return self.rows[self.keys[request_key]]
        self.rows[new.id] = new
        if request_key is not None:
            self.keys[request_key] = new.id
        return new

    async def connection(self, connection_id: UUID, *, lock: bool = False) -> Connection | None:
        del lock  # a draft is this transaction's alone anyhow
        return self.rows.get(self.former.get(connection_id, connection_id))

    async def connections(self, after: UUID | None, limit: int) -> list[Connection]:
        ids = sorted(key for key in self.rows if after is None or key > after)
        return [self.rows[key] for key in ids[:limit]]

    async def holder_of(self, portal_id: str) -> UUID | None:
        return next((c.id for c in self.rows.values() if c.portal_id == portal_id), None)

    async def sharing(self, org_ids: Collection[str]) -> dict[str, list[UUID]]:
        found: dict[str, list[UUID]] = {}
        for key in sorted(self.rows):
            org_id = self.rows[key].org_id
            there = self.rows[key].state is not State.DISCONNECTED
            if org_id is not None and org_id in org_ids and there:
                found.setdefault(org_id, []).append(key)
        return found

    async def grants(self, connection_ids: Sequence[UUID]) -> dict[UUID, dict[Side, Grant]]:
        found: dict[UUID, dict[Side, Grant]] = {}
        for (connection_id, side), grant in self.grant_rows.items():
            if connection_id in connection_ids:
                found.setdefault(connection_id, {})[side] = grant
        return found

    async def save(self, connection: Connection, changed: Sequence[Grant]) -> None:
        holder = connection.portal_id and await self.holder_of(connection.portal_id)
        if holder and holder != connection.id:
            raise ConnectError(Failures.PORTAL_TAKEN)
        self.rows[connection.id] = connection
        for grant in changed:
            self.grant_rows[grant.connection_id, grant.side] = grant
            self.leases.pop((grant.connection_id, grant.side), None)

    async def remove(self, connection_id: UUID) -> None:
        del self.rows[connection_id]
        self._strip(connection_id)
        self.former = {k: v for k, v in self.former.items() if v != connection_id}

    async def disconnect(self, connection: Connection) -> None:
        self.rows[connection.id] = connection
        self._strip(connection.id)

    async def take_up(self, new: Connection, kept: Connection) -> None:
        self.keys = {k: kept.id if v == new.id else v for k, v in self.keys.items()}
        self.former = {k: kept.id if v == new.id else v for k, v in self.former.items()}
        self.former[new.id] = kept.id
        del self.rows[new.id]
        self._strip(new.id)

    def _strip(self, connection_id: UUID) -> None:
        self.runs.pop(connection_id, None)
        self.grant_rows = {k: v for k, v in self.grant_rows.items() if k[0] != connection_id}
        self.attempts = {k: v for k, v in self.attempts.items() if v.connection_id != connection_id}

    async def add_attempt(self, attempt: Attempt) -> None:
        self.attempts = {k: v for k, v in self.attempts.items() if v.expires_at > self.clock}
        self.attempts[attempt.ticket_hash] = attempt

    async def depart(
        self, ticket_hash: str, departure: Departure, lifetime: timedelta
    ) -> Attempt | None:
        attempt = self.attempts.get(ticket_hash)
        if attempt is None or attempt.expires_at <= self.clock:
            return None
        gone = replace(
            attempt,
            state_hash=digest(departure.state),
            binding_hash=digest(departure.binding),
            verifier=departure.verifier,
            expires_at=self.clock + lifetime,
        )
        self.attempts[ticket_hash] = gone
        return gone

    async def arrive(self, state_hash: str, binding_hash: str, side: Side) -> Attempt | None:
        for key, attempt in self.attempts.items():
            known = (attempt.state_hash, attempt.binding_hash, attempt.side)
            if known == (state_hash, binding_hash, side) and attempt.expires_at > self.clock:
                return self.attempts.pop(key)
        return None

    async def lease_refresh(self, grant: Grant, holder: UUID, lease: timedelta) -> bool:
        key = (grant.connection_id, grant.side)
        stored = self.grant_rows[key]
        held = self.leases.get(key)
        if stored.generation != grant.generation or (held and held[1] > self.clock):
            return False
        self.leases[key] = (holder, self.clock + lease)
        return True

    async def end_lease(self, connection_id: UUID, side: Side, holder: UUID) -> None:
        held = self.leases.get((connection_id, side))
        if held and held[0] == holder:
            del self.leases[connection_id, side]

    async def save_preflight(self, run: Preflight) -> None:
        self.runs[run.connection_id] = run

    async def preflights(self, connection_ids: Collection[UUID]) -> dict[UUID, Preflight]:
        return {key: run for key, run in self.runs.items() if key in connection_ids}

    async def emit(self, events: Sequence[Outgoing]) -> None:
        self.outbox.extend(events)


class FakeStore:
    """`begin` is all or nothing, as a transaction is."""

    def __init__(self) -> None:
        self.state = FakeWork()
        self.open = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[FakeWork]:
        draft = copy.deepcopy(self.state)
        self.open += 1
        try:
            yield draft
        finally:
            self.open -= 1
        self.state = draft

    def pass_time(self, **parts: float) -> None:
        self.state.clock += timedelta(**parts)

    def events(self) -> list[object]:
        return [outgoing.event for outgoing in self.state.outbox]


HUBSPOT_SCOPES = frozenset(
    {"oauth", "crm.objects.owners.read"}
    | {
        f"crm.{kind}.{of}.{what}"
        for kind in ("objects", "schemas")
        for of in ("contacts", "companies", "deals")
        for what in ("read", "write")
    }
)


class FakeCrm:
    """One CRM's OAuth: tokens are numbered, and it knows whether it was called inside a
    transaction. `refusal` is raised by the next calls while it is set."""

    def __init__(self, store: FakeStore, side: Side, *, rotates: bool = False) -> None:
        self.store = store
        self.side = side
        self.rotates = rotates
        self.refusal: CausewayError | None = None
        self.cannot_revoke: CausewayError | None = None
        self.facts = (
            Facts(portal_id="62515", hubspot_user_id="7")
            if side is Side.HUBSPOT
            else Facts(org_id="00D1", salesforce_user_id="0051")
        )
        self.scopes = (
            HUBSPOT_SCOPES if side is Side.HUBSPOT else frozenset({"api", "refresh_token", "id"})
        )
        self.base_url = f"https://{side.value}.example"
        self.lifetime = timedelta(minutes=30)
        self.live = ""
        self.refreshes = 0
        self.revoked: list[str] = []
        self.exchanged: list[tuple[str, str]] = []
        self.places: list[tuple[str, str | None]] = []
        self._numbers = count(1)

    def authorize_url(self, connection: Connection, *, state: str, verifier: str) -> str:
        self.places.append((connection.environment.value, connection.salesforce_domain))
        challenge = digest(verifier)
        return f"https://{self.side.value}.example/{connection.environment}?{state}&{challenge}"

    async def exchange(self, connection: Connection, *, code: str, verifier: str) -> Tokens:
        self.places.append((connection.environment.value, connection.salesforce_domain))
        self.exchanged.append((code, verifier))
        return self._issue(fresh=True)

    async def refresh(self, connection: Connection, refresh_token: str) -> Tokens:
        assert connection
        self.refreshes += 1
        if self.refusal is None and refresh_token != self.live:
            raise GrantDeadError("The token was revoked.", code="BAD_REFRESH_TOKEN")
        return self._issue(fresh=self.rotates)

    async def revoke(self, connection: Connection, refresh_token: str) -> None:
        assert connection
        assert self.store.open == 0
        if self.refusal or self.cannot_revoke:
            raise self.refusal or self.cannot_revoke or AssertionError
        self.revoked.append(refresh_token)

    def _issue(self, *, fresh: bool) -> Tokens:
        assert self.store.open == 0, "no transaction may be open during an outside call (I5)"
        if self.refusal:
            raise self.refusal
        number = next(self._numbers)
        if fresh:
            self.live = f"{self.side.value}-refresh-{number}"
        return Tokens(
            access_token=f"{self.side.value}-access-{number}",
            refresh_token=self.live if fresh else None,
            expires_at=self.store.state.clock + self.lifetime,
            base_url=self.base_url,
            scopes=self.scopes,
            facts=self.facts,
        )


def writable(name: str) -> ObjectSeen:
    """An object on which the user may do everything."""
    fields = {one: FieldSeen(createable=True, updateable=True) for one in SALESFORCE_FIELDS[name]}
    return ObjectSeen(queryable=True, createable=True, updateable=True, fields=fields)


class FakeScout:
    """Both CRMs as a pre-flight sees them: all is well until a test says otherwise."""

    def __init__(self, store: FakeStore) -> None:
        self.store = store
        self.portal = HubSpotSeen("62515", "STANDARD")
        self.org: Org | Trouble = Org("Enterprise Edition", sandbox=False)
        self.calls = Calls(used=100, limit=100_000)
        self.lacking: set[str] = set()
        self.objects: dict[str, ObjectSeen | Trouble] = {}
        self.trouble: Trouble | None = None
        self.asked: list[tuple[frozenset[str], frozenset[str]]] = []

    async def hubspot(self, connection_id: UUID) -> HubSpotSeen:
        assert connection_id
        assert self.store.open == 0, "no transaction may be open during an outside call (I5)"
        return self.portal

    async def salesforce(
        self, connection_id: UUID, *, rights: Sequence[Right], objects: Collection[str]
    ) -> SalesforceSeen:
        assert connection_id
        assert self.store.open == 0, "no transaction may be open during an outside call (I5)"
        self.asked.append((frozenset(right.name for right in rights), frozenset(objects)))
        if self.trouble is not None:
            return SalesforceSeen(trouble=self.trouble)
        held: Mapping[str, bool | Trouble] = {
            right.field: right.name not in self.lacking for right in rights
        }
        found = {name: self.objects.get(name, writable(name)) for name in objects}
        return SalesforceSeen(self.org, held, found, self.calls)
