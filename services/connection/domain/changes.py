"""What a new grant, a refreshed one or a dead one does to a connection, and what is announced."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.connection.domain.connection import (
    APART,
    Connection,
    Facts,
    Grant,
    Grants,
    State,
    Target,
    Tokens,
    Untold,
    state_of,
)
from services.connection.domain.failures import ConnectError, Failures
from services.connection.domain.scopes import missing_scopes
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class Established:
    """Both grants are in place, or a fact about one of them changed.

    `moved`: the org is another one than before, and what is linked belongs to the one before.
    """

    moved: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """A grant died."""

    side: Side
    reason: str


@dataclass(frozen=True, slots=True)
class Restored:
    """A side that had been announced as broken works again."""

    side: Side


Announcement = Established | Broken | Restored


@dataclass(frozen=True, slots=True)
class Outcome:
    """The connection and the grants that changed, to be saved together with what is announced."""

    connection: Connection
    changed: tuple[Grant, ...]
    announcements: tuple[Announcement, ...] = ()


def connect(
    connection: Connection,
    grants: Grants,
    side: Side,
    tokens: Tokens,
    *,
    now: datetime,
    target: Target | None = None,
) -> Outcome:
    """A person allowed this side: first time or again, or in another org if `target` is set.

    Raises:
        ConnectError: scopes are missing, no refresh token came, or it is another account than
            the connection's.
    """
    _check(connection, side, tokens, moving=target is not None)
    if target is not None:
        connection = target.of(connection)
    before = grants.get(side)
    grant = Grant(
        connection_id=connection.id,
        side=side,
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token or "",
        expires_at=tokens.expires_at,
        refreshed_at=now,
        base_url=tokens.base_url,
        scopes=tokens.scopes,
        granted_at=now,
        generation=before.generation + 1 if before else 1,
        break_announced=before.break_announced if before else False,
        account_id=tokens.facts.account_id,
    )
    return _settled(connection, grants, grant, tokens.facts)


def refresh(
    connection: Connection, grants: Grants, side: Side, tokens: Tokens, *, now: datetime
) -> Outcome:
    """The token endpoint answered; a side that was held for broken meanwhile is well again."""
    before = grants[side]
    grant = replace(
        before,
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token or before.refresh_token,
        expires_at=tokens.expires_at,
        refreshed_at=now,
        base_url=tokens.base_url or before.base_url,
        scopes=tokens.scopes or before.scopes,
        generation=before.generation + 1,
        broken_reason=None,
        account_id=tokens.facts.account_id or before.account_id,
    )
    return _settled(connection, grants, grant, Facts())


def break_grant(connection: Connection, grants: Grants, side: Side, reason: str) -> Outcome:
    """The CRM says that this grant is dead. Only a person can mend that."""
    before = grants[side]
    if before.broken_reason is not None:
        return Outcome(connection, ())
    known = connection.state not in APART  # else nobody counts on it
    after = {**grants, side: replace(before, broken_reason=reason, break_announced=known)}
    state = state_of(connection.state, after)
    announced = (Broken(side, reason),) if known else ()
    return Outcome(replace(connection, state=state), (after[side],), announced)


def _check(connection: Connection, side: Side, tokens: Tokens, *, moving: bool) -> None:
    missing = missing_scopes(side, tokens.scopes)
    if missing:
        raise ConnectError(Failures.SCOPES, f"Missing: {', '.join(missing)}.")
    if not tokens.refresh_token:
        raise ConnectError(Failures.NO_REFRESH_TOKEN)
    if connection.state is State.PENDING:
        return  # nothing is linked to either account yet: a wrong choice may be corrected
    facts = tokens.facts
    if facts.portal_id not in {None, connection.portal_id}:
        known = f"Signed in: {facts.portal_id}; the connection's: {connection.portal_id}."
        raise ConnectError(Failures.OTHER_PORTAL, known)
    # What comes back may come back with another org: its settings are for that one then, and
    # what is linked waits, as in a move.
    moving = moving or connection.state is State.DISCONNECTED
    if facts.org_id not in {None, connection.org_id} and not moving:
        known = f"Signed in: {facts.org_id}; the connection's: {connection.org_id}."
        raise ConnectError(Failures.OTHER_ORG, known)


def _settled(connection: Connection, grants: Grants, grant: Grant, facts: Facts) -> Outcome:
    after = {**grants, grant.side: grant}
    known = replace(
        connection,
        portal_id=facts.portal_id or connection.portal_id,
        org_id=facts.org_id or connection.org_id,
        salesforce_user_id=facts.salesforce_user_id or connection.salesforce_user_id,
        hubspot_user_id=facts.hubspot_user_id or connection.hubspot_user_id,
        instance_url=(grant.base_url if grant.side is Side.SALESFORCE else connection.instance_url),
    )
    untold = _untold(connection, known)
    state = state_of(connection.state, after)
    changed = {grant.side: grant}
    announcements: list[Announcement] = []
    if state is State.ACTIVE:
        # Readers take a restoration as leave to go on, so it waits until no side is broken.
        for side, held in after.items():
            if held.break_announced:
                changed[side] = replace(held, break_announced=False)
                announcements.append(Restored(side))
        if connection.state in APART or untold is not Untold.NOTHING:
            announcements.append(Established(moved=untold is Untold.ORG))
            untold = Untold.NOTHING
    joined = replace(known, state=state, untold=untold)
    return Outcome(joined, tuple(changed.values()), tuple(announcements))


def _untold(before: Connection, after: Connection) -> Untold:
    """What the other services have to hear; who the HubSpot user is does not concern them."""
    if before.state is State.PENDING:
        return Untold.NOTHING
    if before.org_id != after.org_id:
        return Untold.ORG
    same = replace(after, hubspot_user_id=before.hubspot_user_id)
    return before.untold if same == before else before.untold or Untold.FACTS
