"""Access tokens for the other services: refreshed once, by one process, for everybody."""

from datetime import datetime, timedelta
from uuid import UUID

from services.connection.domain.attempt import digest, same_digest
from services.connection.domain.changes import break_grant, refresh
from services.connection.domain.connection import REFRESH_REST, Connection, Grant, Tokens, usable
from services.connection.handlers.announce import settle
from services.connection.handlers.find import found
from services.connection.ports import Crms, GrantDeadError, Pause, Store, Work
from shared.kernel.errors import CausewayError, FatalError, RetriableError
from shared.kernel.ids import IdSource
from shared.kernel.records import Side

# Longer than the 30 s that a token endpoint is given to answer, so that a lease never ends while
# its holder waits for the answer; short enough that a holder's crash costs less than a minute.
REFRESH_LEASE = timedelta(seconds=45)
# Who lost the lease looks again this often, this many times: 6 s together, within the 10 s that
# a calling service waits.
POLL_SECONDS = 0.2
POLLS = 30


class BrokenError(FatalError):
    """The grant is dead: an admin has to connect this side again."""


class IncompleteError(FatalError):
    """This side was never connected."""


async def access_token(
    store: Store,
    crms: Crms,
    connection_id: UUID,
    side: Side,
    *,
    rejected: str | None,
    new_id: IdSource,
    pause: Pause,
    hubspot_app_id: str,
) -> Grant:
    """A grant whose access token has a while to live; refreshed when it must be.

    `rejected` is the SHA-256 (hexadecimal) of a token that the CRM refused. No transaction is
    open while the CRM is asked (I5): a lease on the row keeps the others away, and who does not
    get it looks again until the winner has stored the new token.

    Raises:
        UnknownConnectionError, IncompleteError: there is nothing to refresh.
        BrokenError: the CRM refused the grant for good.
        RetriableError: the CRM or the winner did not answer in time.
    """
    holder = new_id()
    for _ in range(POLLS):
        async with store.begin() as work:
            connection, grant = await _held(work, connection_id, side)
            if not _stale(grant, rejected, await work.now()):
                return grant
            leased = await work.lease_refresh(grant, holder, REFRESH_LEASE)
        if leased:
            tokens = await _ask(
                store,
                crms,
                connection=connection,
                grant=grant,
                holder=holder,
                hubspot_app_id=hubspot_app_id,
            )
            return await _store(store, grant, tokens, hubspot_app_id)
        await pause(POLL_SECONDS)
    raise RetriableError(
        f"Another process is refreshing the {side.value} token of connection {connection_id} "
        "and has not finished. Try again.",
        code="token-refresh-slow",
        retry_after=2.0,
    )


def _stale(grant: Grant, rejected: str | None, now: datetime) -> bool:
    if not usable(grant, now):
        return True
    refused = rejected is not None and same_digest(rejected, digest(grant.access_token))
    return refused and grant.refreshed_at + REFRESH_REST <= now


async def _held(work: Work, connection_id: UUID, side: Side) -> tuple[Connection, Grant]:
    connection = await found(work, connection_id)
    grant = (await work.grants([connection.id])).get(connection.id, {}).get(side)
    if grant is None:
        raise IncompleteError(
            f"Connection {connection_id} has no grant for {side.value} yet. An admin has to "
            f"connect it: POST /api/v1/connections/{connection_id}/authorizations/{side.value}.",
            code="connection-incomplete",
        )
    if grant.broken_reason is not None:
        raise _broken(grant, grant.broken_reason)
    return connection, grant


async def _ask(
    store: Store,
    crms: Crms,
    *,
    connection: Connection,
    grant: Grant,
    holder: UUID,
    hubspot_app_id: str,
) -> Tokens:
    try:
        return await crms[grant.side].refresh(connection, grant.refresh_token)
    except GrantDeadError as error:
        await _break(store, grant, str(error), hubspot_app_id)
        raise _broken(grant, str(error)) from None
    except CausewayError:
        async with store.begin() as work:
            await work.end_lease(connection.id, grant.side, holder)
        raise


async def _store(store: Store, asked: Grant, tokens: Tokens, hubspot_app_id: str) -> Grant:
    """Commits the new tokens before anybody gets one: with rotation the old ones are dead.

    A grant that moved on meanwhile (an admin reconnected) is newer than this answer and stays.
    """
    async with store.begin() as work:
        connection = await found(work, asked.connection_id, lock=True)
        grants = (await work.grants([asked.connection_id])).get(asked.connection_id, {})
        if asked.side in grants and grants[asked.side].generation == asked.generation:
            outcome = refresh(connection, grants, asked.side, tokens, now=await work.now())
            await settle(work, outcome, hubspot_app_id=hubspot_app_id)
        _, stored = await _held(work, asked.connection_id, asked.side)
    return stored


async def _break(store: Store, asked: Grant, reason: str, hubspot_app_id: str) -> None:
    async with store.begin() as work:
        connection = await found(work, asked.connection_id, lock=True)
        grants = (await work.grants([asked.connection_id])).get(asked.connection_id, {})
        if asked.side in grants and grants[asked.side].generation == asked.generation:
            outcome = break_grant(connection, grants, asked.side, reason)
            await settle(work, outcome, hubspot_app_id=hubspot_app_id)


def _broken(grant: Grant, reason: str) -> BrokenError:
    return BrokenError(
        f"The {grant.side.value} side of connection {grant.connection_id} has to be connected "
        f"again: {reason} POST /api/v1/connections/{grant.connection_id}/authorizations/"
        f"{grant.side.value} gives the link.",
        code="connection-broken",
    )
