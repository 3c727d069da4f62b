"""Bodies of requests and answers. No answer but that of the token route holds a token."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.connection.domain.connection import Connection, Environment, Grant, State
from services.connection.handlers.find import Overview
from shared.kernel.records import Side

# A DNS name has 253 characters at most.
Domain = Annotated[str, StringConstraints(min_length=4, max_length=253, to_lower=True)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class NewConnection(BaseModel):
    """What is known before anybody signed in."""

    environment: Environment
    salesforce_domain: Domain | None = Field(
        default=None, description="the org's My Domain host, such as acme.my.salesforce.com"
    )


class Created(BaseModel):
    """The link is for a browser, once, within ten minutes."""

    id: UUID
    state: State
    hubspot_authorize_url: str


class Link(BaseModel):
    """A link to connect one side, for a browser, once, within ten minutes."""

    authorize_url: str


class Move(BaseModel):
    """`confirm` is the portal's id (the connection's own while it has no portal)."""

    confirm: str = Field(max_length=64)
    environment: Environment
    salesforce_domain: Domain | None = Field(
        default=None, description="the new org's My Domain host, such as acme.my.salesforce.com"
    )


class Removal(BaseModel):
    """`confirm` is the portal's id (the connection's own while it has no portal)."""

    confirm: str = Field(max_length=64)
    purge: bool = Field(default=False, description="every service deletes what it holds of it")


class TokenWish(BaseModel):
    """`rejected`: SHA-256 in hexadecimal of a token that the CRM refused."""

    rejected: Sha256 | None = None


class TokenAnswer(BaseModel):
    """An access token with at least two minutes to live.

    `account_id` is the portal or the org that it is for, null for a grant of an older version: who
    works with links checks that it is the account that they belong to.
    """

    access_token: str
    base_url: str
    expires_at: datetime
    account_id: str | None = None


class SideView(BaseModel):
    """One side of a connection."""

    state: str = Field(description="missing, active or broken")
    account_id: str | None = Field(description="the portal's or the org's id")
    user_id: str | None = Field(default=None, description="the user who connected")
    base_url: str | None
    scopes: list[str]
    granted_at: datetime | None
    broken_reason: str | None


class WarningView(BaseModel):
    """Something that an admin should know; `code` is stable."""

    code: str
    text: str


class ConnectionView(BaseModel):
    """One connection; `next_step` is None when nothing has to be done."""

    id: UUID
    environment: Environment
    state: State
    portal_id: str | None
    org_id: str | None
    instance_url: str | None
    salesforce_domain: str | None
    created_at: datetime
    hubspot: SideView
    salesforce: SideView
    next_step: str | None
    warnings: list[WarningView] = []


def view_of(seen: Overview) -> ConnectionView:
    """A connection as everybody may see it."""
    connection, grants = seen.connection, seen.grants
    return ConnectionView(
        id=connection.id,
        environment=connection.environment,
        state=connection.state,
        portal_id=connection.portal_id,
        org_id=connection.org_id,
        instance_url=connection.instance_url,
        salesforce_domain=connection.salesforce_domain,
        created_at=connection.created_at,
        hubspot=_side(grants.get(Side.HUBSPOT), connection.portal_id, connection.hubspot_user_id),
        salesforce=_side(
            grants.get(Side.SALESFORCE), connection.org_id, connection.salesforce_user_id
        ),
        next_step=next_step(connection, grants),
        warnings=[WarningView(code=one.code, text=one.text) for one in seen.warnings],
    )


def next_step(connection: Connection, grants: Mapping[Side, Grant]) -> str | None:
    """What an admin has to do, None when the connection is whole."""
    for side in Side:
        grant = grants.get(side)
        if grant is None or grant.broken_reason is not None:
            verb = "Connect" if grant is None else "Connect again"
            return (
                f"{verb}: POST /api/v1/connections/{connection.id}/authorizations/{side.value} "
                "gives a link to open in a browser."
            )
    return None


def _side(grant: Grant | None, account_id: str | None, user_id: str | None) -> SideView:
    if grant is None:
        return SideView(
            state="missing",
            account_id=None,
            base_url=None,
            scopes=[],
            granted_at=None,
            broken_reason=None,
        )
    return SideView(
        state="active" if grant.broken_reason is None else "broken",
        account_id=account_id,
        user_id=user_id,
        base_url=grant.base_url,
        scopes=sorted(grant.scopes),
        granted_at=grant.granted_at,
        broken_reason=grant.broken_reason,
    )
