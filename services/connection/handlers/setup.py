"""From an admin's wish to a connection with both grants."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from services.connection.domain.attempt import (
    CONSENT_LIFETIME,
    LINK_LIFETIME,
    Attempt,
    Departure,
    digest,
)
from services.connection.domain.changes import connect
from services.connection.domain.connection import (
    Connection,
    Environment,
    Grant,
    State,
    Target,
    Tokens,
)
from services.connection.domain.ending import may_take_up, taken_up
from services.connection.domain.failures import ConnectError, Failures
from services.connection.domain.preflight import users_of
from services.connection.domain.recognition import failure_of
from services.connection.handlers.announce import settle
from services.connection.handlers.find import found
from services.connection.handlers.removal import revoke
from services.connection.ports import Crms, SecretSource, Store, Work
from shared.kernel.errors import CausewayError
from shared.kernel.ids import IdSource
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class Finished:
    """A side was connected: the connection as it is now, and as it was before.

    `not_revoked` is what went wrong while the grant of the org before was revoked.
    """

    connection: Connection
    before: Connection
    not_revoked: CausewayError | None = None

    @property
    def moved(self) -> bool:
        """Whether a connection that was complete has another org now."""
        complete = self.before.state is not State.PENDING
        return complete and self.before.org_id != self.connection.org_id

    @property
    def back(self) -> bool:
        """Whether a connection that was disconnected is being connected again."""
        return self.before.state is State.DISCONNECTED

    @property
    def other_user(self) -> bool:
        """Whether somebody else than before signed in on a side, or to another org."""
        complete = self.before.state is not State.PENDING
        return complete and users_of(self.before) != users_of(self.connection)


async def create_connection(
    store: Store,
    *,
    environment: Environment,
    salesforce_domain: str | None,
    request_key: str | None,
    new_id: IdSource,
    new_secret: SecretSource,
) -> tuple[Connection, str]:
    """A pending connection and the ticket of a link to connect HubSpot.

    The same `request_key` brings the same connection again, with a fresh ticket.
    """
    async with store.begin() as work:
        now = await work.now()
        made = Connection(new_id(), environment, now, salesforce_domain)
        connection = await work.add_connection(made, request_key)
        ticket = await ticket_for(work, connection.id, Side.HUBSPOT, new_secret=new_secret)
    return connection, ticket


async def new_ticket(
    store: Store, connection_id: UUID, side: Side, *, new_secret: SecretSource
) -> str:
    """The ticket of a link to connect, or reconnect, one side.

    Raises:
        UnknownConnectionError: there is no such connection.
    """
    async with store.begin() as work:
        connection = await found(work, connection_id)
        return await ticket_for(work, connection.id, side, new_secret=new_secret)


async def open_link(
    store: Store, crms: Crms, ticket: str, *, new_secret: SecretSource
) -> tuple[Side, Departure, str]:
    """Sends a browser on its way: the secrets of this attempt and the CRM's address.

    The link may be opened again until its time is over (a preview of a chat program opens it,
    too); only the latest opening can come back.

    Raises:
        ConnectError: the link is unknown, used or expired.
    """
    departure = Departure(state=new_secret(), binding=new_secret(), verifier=new_secret())
    async with store.begin() as work:
        attempt = await work.depart(digest(ticket), departure, CONSENT_LIFETIME)
        if attempt is None:
            raise ConnectError(Failures.LINK_EXPIRED)
        connection = await found(work, attempt.connection_id)
    url = crms[attempt.side].authorize_url(
        _aimed(connection, attempt), state=departure.state, verifier=departure.verifier
    )
    return attempt.side, departure, url


async def finish(
    store: Store,
    crms: Crms,
    side: Side,
    *,
    state: str,
    binding: str,
    code: str,
    error: tuple[str, str],
    hubspot_app_id: str,
) -> Finished:
    """What the CRM's callback brings: a code, or an error with its description.

    The attempt is used up whatever comes of it. After a move the grant of the org before is
    revoked, as well as can be: its access tokens die with it, so that nobody goes on there.
    Raises ConnectError, or RetriableError when the CRM did not answer.
    """
    async with store.begin() as work:
        attempt = await work.arrive(digest(state), digest(binding), side)
        if attempt is None:
            raise ConnectError(Failures.LINK_EXPIRED)
        connection = await found(work, attempt.connection_id)
    if error[0] or not code:
        raise ConnectError(failure_of(*error), _told(error))
    tokens = await crms[side].exchange(
        _aimed(connection, attempt), code=code, verifier=attempt.verifier or ""
    )
    finished, left = await _join(store, attempt, tokens, hubspot_app_id)
    if not finished.moved or left is None:
        return finished
    return replace(finished, not_revoked=await revoke(crms, finished.before, left))


async def _join(
    store: Store, attempt: Attempt, tokens: Tokens, hubspot_app_id: str
) -> tuple[Finished, Grant | None]:
    """Saves a grant.

    One that is refused here is not revoked at the CRM: HubSpot gives an app one and the same
    refresh token per portal, so that would end the connection that has it. Answers the side's
    grant of before, too.
    """
    async with store.begin() as work:
        before = connection = await found(work, attempt.connection_id, lock=True)
        grants: Mapping[Side, Grant] = (await work.grants([connection.id])).get(connection.id, {})
        kept = await _kept(work, connection, tokens)
        if kept is not None:
            before = kept
            connection, grants = await _take_up(work, kept, connection, grants)
        outcome = connect(
            connection,
            grants,
            attempt.side,
            tokens,
            now=await work.now(),
            target=attempt.target,
        )
        await settle(work, outcome, hubspot_app_id=hubspot_app_id)
    return Finished(outcome.connection, before), grants.get(attempt.side)


async def _kept(work: Work, connection: Connection, tokens: Tokens) -> Connection | None:
    """The disconnected connection that has this portal; ConnectError for one that works."""
    portal_id = tokens.facts.portal_id
    holder = await work.holder_of(portal_id) if portal_id else None
    if holder is None or holder == connection.id:
        return None
    kept = await work.connection(holder, lock=True)
    if not may_take_up(kept, connection):
        raise ConnectError(
            Failures.PORTAL_TAKEN, f"Portal {portal_id} belongs to connection {holder}."
        )
    return kept


async def _take_up(
    work: Work, kept: Connection, new: Connection, grants: Mapping[Side, Grant]
) -> tuple[Connection, Mapping[Side, Grant]]:
    """The kept connection in place of the new one, with the grants that it has then."""
    connection, brought = taken_up(kept, new, grants)
    own = (await work.grants([kept.id])).get(kept.id, {})
    await work.take_up(new, connection)
    await work.save(connection, tuple(brought.values()))
    return connection, {**own, **brought}


async def ticket_for(
    work: Work,
    connection_id: UUID,
    side: Side,
    *,
    new_secret: SecretSource,
    target: Target | None = None,
) -> str:
    """A new ticket; `target` is set when opening it moves the connection."""
    ticket = new_secret()
    expires_at = await work.now() + LINK_LIFETIME
    await work.add_attempt(Attempt(digest(ticket), connection_id, side, expires_at, target=target))
    return ticket


def _aimed(connection: Connection, attempt: Attempt) -> Connection:
    return connection if attempt.target is None else attempt.target.of(connection)


def _told(error: tuple[str, str]) -> str:
    """The CRM's error code, only when it looks like one: the address bar is anybody's to write."""
    known = re.fullmatch(r"[A-Za-z][A-Za-z_-]{1,63}", error[0])
    return f"The CRM's code is {error[0]}." if known else ""
