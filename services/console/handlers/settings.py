"""The settings of a connection."""

from services.console.domain.settings import Settings, settings_of
from services.console.handlers.parts import Part, read_part
from services.console.ports import Caller


async def settings(caller: Caller, connection_id: str) -> Part[Settings]:
    """The newest version; a part without value or trouble before the first choice."""
    path = f"/api/v1/settings/{connection_id}"
    part = await read_part(caller, "mapping", path, settings_of)
    return Part(part.service, part.value, part.trouble)
