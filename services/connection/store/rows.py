"""Connections, grants and attempts as rows, and back; secrets pass through the key ring."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from services.connection.domain.attempt import Attempt
from services.connection.domain.connection import (
    Connection,
    Environment,
    Grant,
    State,
    Target,
    Untold,
)
from shared.kernel.records import Side
from shared.security.keyring import DecryptionError, KeyRing


class Sealed:
    """Encrypts and decrypts for one place: `connection/<id>/<side>/<field>`."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def seal(self, secret: str, connection_id: UUID, side: Side, field: str) -> str:
        """The envelope to store."""
        context = context_of(connection_id, side, field)
        return self._ring.encrypt(secret.encode(), context=context)

    def open(self, envelope: str, connection_id: UUID, side: Side, field: str) -> str:
        """The secret; DecryptionError when the envelope is of another place or key."""
        context = context_of(connection_id, side, field)
        return self._ring.decrypt(envelope, context=context).decode()


def connection_of(row: RowMapping) -> Connection:
    """The connection in a row of `connections`."""
    return Connection(
        id=row["id"],
        environment=Environment(row["environment"]),
        created_at=row["created_at"],
        salesforce_domain=row["salesforce_domain"],
        state=State(row["state"]),
        portal_id=row["portal_id"],
        org_id=row["org_id"],
        instance_url=row["instance_url"],
        salesforce_user_id=row["salesforce_user_id"],
        hubspot_user_id=row["hubspot_user_id"],
        untold=Untold(row["untold"]),
    )


def connection_row(connection: Connection) -> dict[str, Any]:
    """The columns of `connections` but `request_key`."""
    return {
        "id": connection.id,
        "environment": connection.environment,
        "created_at": connection.created_at,
        "salesforce_domain": connection.salesforce_domain,
        "state": connection.state,
        "portal_id": connection.portal_id,
        "org_id": connection.org_id,
        "instance_url": connection.instance_url,
        "salesforce_user_id": connection.salesforce_user_id,
        "hubspot_user_id": connection.hubspot_user_id,
        "untold": connection.untold,
    }


def grant_of(row: RowMapping, sealed: Sealed) -> Grant:
    """The grant in a row of `grants`, its tokens in the clear.

    One that does not open counts as broken, and nothing is written: an admin can still see,
    reconnect or remove it, and it works again when the missing key is back in the ring.
    """
    place = (row["connection_id"], Side(row["side"]))
    broken = row["broken_reason"]
    try:
        access = sealed.open(row["access_token"], *place, "access_token")
        secret = sealed.open(row["refresh_token"], *place, "refresh_token")
    except DecryptionError as error:
        access = secret = ""
        broken = str(error)
    return Grant(
        connection_id=place[0],
        side=place[1],
        access_token=access,
        refresh_token=secret,
        expires_at=row["expires_at"],
        refreshed_at=row["refreshed_at"],
        base_url=row["base_url"],
        scopes=frozenset(row["scopes"]),
        granted_at=row["granted_at"],
        generation=row["generation"],
        broken_reason=broken,
        break_announced=row["break_announced"],
        account_id=row["account_id"],
    )


def grant_row(grant: Grant, sealed: Sealed) -> dict[str, Any]:
    """All columns of `grants`; the refresh lease ends."""
    place = (grant.connection_id, grant.side)
    return {
        "connection_id": grant.connection_id,
        "side": grant.side,
        "access_token": sealed.seal(grant.access_token, *place, "access_token"),
        "refresh_token": sealed.seal(grant.refresh_token, *place, "refresh_token"),
        "expires_at": grant.expires_at,
        "refreshed_at": grant.refreshed_at,
        "base_url": grant.base_url,
        "scopes": sorted(grant.scopes),
        "granted_at": grant.granted_at,
        "generation": grant.generation,
        "broken_reason": grant.broken_reason,
        "break_announced": grant.break_announced,
        "account_id": grant.account_id,
        "refresh_holder": None,
        "refresh_until": None,
    }


def attempt_of(row: RowMapping, sealed: Sealed) -> Attempt:
    """The attempt in a row of `attempts`, its verifier in the clear."""
    place = (row["connection_id"], Side(row["side"]))
    verifier = row["verifier"]
    return Attempt(
        ticket_hash=row["ticket_hash"],
        connection_id=place[0],
        side=place[1],
        expires_at=row["expires_at"],
        state_hash=row["state_hash"],
        binding_hash=row["binding_hash"],
        verifier=None if verifier is None else sealed.open(verifier, *place, "verifier"),
        target=_target_of(row["target"]),
    )


def target_json(target: Target | None) -> dict[str, str | None] | None:
    """The column `target` of `attempts`."""
    if target is None:
        return None
    return {
        "environment": target.environment.value,
        "salesforce_domain": target.salesforce_domain,
    }


def _target_of(found: dict[str, str] | None) -> Target | None:
    if found is None:
        return None
    return Target(Environment(found["environment"]), found["salesforce_domain"])


def context_of(connection_id: UUID, side: Side, field: str) -> str:
    """The place that an envelope is bound to."""
    return f"connection/{connection_id}/{side.value}/{field}"
