"""Attempts to connect a side, found by hashes only."""

from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.connection.domain.attempt import Attempt, Departure, digest
from services.connection.store.rows import Sealed, attempt_of, target_json
from services.connection.store.tables import attempts
from shared.kernel.records import Side

_UNEXPIRED = attempts.c.expires_at > func.clock_timestamp()


async def add_attempt(conn: AsyncConnection, attempt: Attempt) -> None:
    """Adds one, and forgets the expired ones, so that the table stays small without a timer."""
    await conn.execute(delete(attempts).where(~_UNEXPIRED))
    await conn.execute(
        insert(attempts).values(
            ticket_hash=attempt.ticket_hash,
            connection_id=attempt.connection_id,
            side=attempt.side,
            expires_at=attempt.expires_at,
            target=target_json(attempt.target),
        )
    )


async def depart(
    conn: AsyncConnection,
    sealed: Sealed,
    ticket_hash: str,
    departure: Departure,
    lifetime: timedelta,
) -> Attempt | None:
    """Two statements: the verifier is sealed for the place that the row names."""
    found = attempts.c.ticket_hash == ticket_hash
    place = (
        await conn.execute(
            select(attempts.c.connection_id, attempts.c.side)
            .where(found, _UNEXPIRED)
            .with_for_update()
        )
    ).one_or_none()
    if place is None:
        return None
    verifier = sealed.seal(departure.verifier, place.connection_id, Side(place.side), "verifier")
    written = (
        update(attempts)
        .where(found)
        .values(
            state_hash=digest(departure.state),
            binding_hash=digest(departure.binding),
            verifier=verifier,
            expires_at=func.clock_timestamp() + lifetime,
        )
        .returning(attempts)
    )
    return attempt_of((await conn.execute(written)).mappings().one(), sealed)


async def arrive(
    conn: AsyncConnection, sealed: Sealed, state_hash: str, binding_hash: str, side: Side
) -> Attempt | None:
    """One DELETE, so that of two callbacks at once only one gets the attempt."""
    taken = (
        delete(attempts)
        .where(
            attempts.c.state_hash == state_hash,
            attempts.c.binding_hash == binding_hash,
            attempts.c.side == side,
            _UNEXPIRED,
        )
        .returning(attempts)
    )
    row = (await conn.execute(taken)).mappings().one_or_none()
    return attempt_of(row, sealed) if row else None
