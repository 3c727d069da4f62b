"""The other services behind the ports of contact_sync: what quota counts, where pages are."""

from collections.abc import Mapping as Map
from typing import Any
from uuid import UUID

from services.contact_sync.domain.allowance import Left
from services.contact_sync.ports import Connection
from shared.kernel.errors import CausewayError
from shared.kernel.records import Side
from shared.telemetry.logs import get_logger
from shared.web.peers import CrmAccess, Peer

_LOG = get_logger(__name__)
CONTACT_TYPE = "0-1"
"""HubSpot's id of the type of contacts (facts: hubspot-api 8)."""


class PeersAround:
    """The `Around` port. `hubspot_app` is the origin of HubSpot's pages."""

    def __init__(self, quota: Peer, access: CrmAccess, hubspot_app: str) -> None:
        self._quota = quota
        self._access = access
        self._hubspot_app = hubspot_app.rstrip("/")

    async def left(self, connection_id: UUID) -> Map[Side, Left]:
        """Empty when quota does not answer, or knows nothing of the connection yet."""
        try:
            answer = await self._quota.get(f"/api/v1/quota/{connection_id}")
        except CausewayError as error:
            _LOG.warning("what is left of the calls is not known", code=error.code)
            return {}
        found = {side: _left(answer, side) for side in Side}
        return {side: left for side, left in found.items() if left is not None}

    async def pages(self, connection: Connection) -> Map[Side, str]:
        """The portal's pages, and those of the org that the token is good for."""
        token = await self._access.token(connection.id, Side.SALESFORCE)
        record = f"/contacts/{connection.portal_id}/record/{CONTACT_TYPE}/"
        return {
            Side.HUBSPOT: self._hubspot_app + record,
            Side.SALESFORCE: token.base_url.rstrip("/") + "/",
        }


def _left(answer: Any, side: Side) -> Left | None:
    """Null for a side that was never used."""
    seen = answer.get(side.value) if isinstance(answer, dict) else None
    if not isinstance(seen, dict) or not isinstance(seen.get("used"), int):
        return None
    return Left(used=seen["used"], allowance=seen.get("allowance"), left=seen.get("left"))
