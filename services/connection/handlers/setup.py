"""From an admin's wish to a connection with both grants."""

import re
from uuid import UUID

from services.connection.domain.attempt import (
    CONSENT_LIFETIME,
    LINK_LIFETIME,
    Attempt,
    Departure,
    digest,
)
from services.connection.domain.changes import connect
from services.connection.domain.connection import Connection, Environment, Tokens
from services.connection.domain.failures import ConnectError, Failures
from services.connection.domain.recognition import failure_of
from services.connection.handlers.announce import settle
from services.connection.handlers.find import found
from services.connection.ports import Crms, SecretSource, Store, Work
from shared.kernel.ids import IdSource
from shared.kernel.records import Side


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
        ticket = await _ticket(work, connection.id, Side.HUBSPOT, new_secret)
    return connection, ticket


async def new_ticket(
    store: Store, connection_id: UUID, side: Side, *, new_secret: SecretSource
) -> str:
    """The ticket of a link to connect, or reconnect, one side.

    Raises:
        UnknownConnectionError: there is no such connection.
    """
    async with store.begin() as work:
        await found(work, connection_id)
        return await _ticket(work, connection_id, side, new_secret)


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
        connection, state=departure.state, verifier=departure.verifier
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
) -> Connection:
    """What the CRM's callback brings: a code, or an error with its description.

    The attempt is used up whatever comes of it. Raises ConnectError, or RetriableError when the
    CRM did not answer.
    """
    async with store.begin() as work:
        attempt = await work.arrive(digest(state), digest(binding), side)
        if attempt is None:
            raise ConnectError(Failures.LINK_EXPIRED)
        connection = await found(work, attempt.connection_id)
    if error[0] or not code:
        raise ConnectError(failure_of(*error), _told(error))
    tokens = await crms[side].exchange(connection, code=code, verifier=attempt.verifier or "")
    return await _join(store, connection.id, side, tokens, hubspot_app_id)


async def _join(
    store: Store, connection_id: UUID, side: Side, tokens: Tokens, hubspot_app_id: str
) -> Connection:
    """Saves a grant.

    One that is refused here is not revoked at the CRM: HubSpot gives an app one and the same
    refresh token per portal, so that would end the connection that has it.
    """
    async with store.begin() as work:
        connection = await found(work, connection_id, lock=True)
        await _check_portal(work, connection, tokens)
        grants = (await work.grants([connection_id])).get(connection_id, {})
        outcome = connect(connection, grants, side, tokens, now=await work.now())
        await settle(work, outcome, hubspot_app_id=hubspot_app_id)
    return outcome.connection


async def _check_portal(work: Work, connection: Connection, tokens: Tokens) -> None:
    portal_id = tokens.facts.portal_id
    holder = await work.holder_of(portal_id) if portal_id else None
    if holder not in {None, connection.id}:
        raise ConnectError(
            Failures.PORTAL_TAKEN, f"Portal {portal_id} belongs to connection {holder}."
        )


async def _ticket(work: Work, connection_id: UUID, side: Side, new_secret: SecretSource) -> str:
    ticket = new_secret()
    expires_at = await work.now() + LINK_LIFETIME
    await work.add_attempt(Attempt(digest(ticket), connection_id, side, expires_at))
    return ticket


def _told(error: tuple[str, str]) -> str:
    """The CRM's error code, only when it looks like one: the address bar is anybody's to write."""
    known = re.fullmatch(r"[A-Za-z][A-Za-z_-]{1,63}", error[0])
    return f"The CRM's code is {error[0]}." if known else ""
