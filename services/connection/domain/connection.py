"""A connection: one portal joined to one org, and the grant that it holds on each side."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.kernel.records import Side

# Salesforce never says how long an access token lives (facts: salesforce-api §1.3). It is the
# session timeout of the app, the profile or the org; 15 minutes is the shortest that an org can
# choose. A token that dies earlier comes back as `rejected`.
SALESFORCE_ASSUMED_LIFETIME = timedelta(minutes=15)
# A token is handed out only with this much life left: its readers keep it until 60 s before its
# end, and a long bulk call must not outlive it.
LEAST_LIFE = timedelta(minutes=2)
# A token that is refused so soon after it was made is not refused for its age (facts:
# salesforce-api §1.4): refreshing again would be a loop that burns the grant.
REFRESH_REST = timedelta(seconds=10)


class Environment(StrEnum):
    """Which kind of Salesforce org: they sign in at different hosts."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"


class State(StrEnum):
    """pending: never had both grants. broken: had them, and one died.

    disconnected: an admin ended it; it is kept, without grants, to be connected again.
    """

    PENDING = "pending"
    ACTIVE = "active"
    BROKEN = "broken"
    DISCONNECTED = "disconnected"


APART = frozenset({State.PENDING, State.DISCONNECTED})
"""Nobody works for a connection in these states: it begins, or begins again, with both grants."""


class Untold(StrEnum):
    """What the other services have not heard yet, because a side was broken when it came."""

    NOTHING = ""
    FACTS = "facts"
    ORG = "org"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a grant tells about the account that it is for; None on the other side's grant."""

    portal_id: str | None = None
    org_id: str | None = None
    salesforce_user_id: str | None = None
    hubspot_user_id: str | None = None

    @property
    def account_id(self) -> str:
        """The portal or the org, whichever side it is; empty when the answer did not say."""
        return self.portal_id or self.org_id or ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """An answer of a token endpoint. `refresh_token` is None when the old one stays good.

    `scopes` is empty when the answer named none; `base_url` is where the API answers.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    base_url: str
    scopes: frozenset[str] = frozenset()
    facts: Facts = Facts()


@dataclass(frozen=True, slots=True)
class Grant:
    """What one side granted. `generation` grows with every stored answer of a token endpoint.

    `broken_reason` is None while the grant lives. `break_announced` stays set until the
    restoration is announced, which waits until no other side is broken. `account_id` is the portal
    or the org that the tokens are for, empty while nobody said.
    """

    connection_id: UUID
    side: Side
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    refreshed_at: datetime
    base_url: str
    scopes: frozenset[str]
    granted_at: datetime
    generation: int = 1
    broken_reason: str | None = None
    break_announced: bool = False
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """One portal and one org; the facts are None until the side is connected."""

    id: UUID
    environment: Environment
    created_at: datetime
    salesforce_domain: str | None = None
    state: State = State.PENDING
    portal_id: str | None = None
    org_id: str | None = None
    instance_url: str | None = None
    salesforce_user_id: str | None = None
    hubspot_user_id: str | None = None
    untold: Untold = Untold.NOTHING


@dataclass(frozen=True, slots=True)
class Target:
    """Where a move goes: which kind of org, and its My Domain host if it is known."""

    environment: Environment
    salesforce_domain: str | None = None

    def of(self, connection: Connection) -> Connection:
        """The connection as it signs in there."""
        return replace(
            connection,
            environment=self.environment,
            salesforce_domain=self.salesforce_domain,
        )


Grants = Mapping[Side, Grant]


def state_of(before: State, grants: Grants) -> State:
    """The state that follows from the grants; what was once complete is never pending again."""
    if any(grant.broken_reason is not None for grant in grants.values()):
        return before if before in APART else State.BROKEN
    return State.ACTIVE if all(side in grants for side in Side) else before


def usable(grant: Grant, now: datetime) -> bool:
    """Whether the access token may still be handed out."""
    return grant.expires_at - LEAST_LIFE > now
