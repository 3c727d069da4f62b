"""What the other services know, for previews."""

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from uuid import UUID

from services.contact_sync.domain.allowance import Left
from services.contact_sync.ports import Connection
from shared.kernel.records import Side


@dataclass
class FakeAround:
    """The `Around` port: a quota that says what it is told to say."""

    known: dict[Side, Left] = field(default_factory=dict)

    async def left(self, connection_id: UUID) -> Map[Side, Left]:
        assert connection_id
        return self.known

    async def pages(self, connection: Connection) -> Map[Side, str]:
        return {
            Side.HUBSPOT: f"https://hubspot.test/{connection.portal_id}/",
            Side.SALESFORCE: "https://org.test/",
        }
