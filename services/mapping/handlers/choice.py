"""The choice "recommended": read both CRMs, and draft the settings that fit them."""

from dataclasses import dataclass
from uuid import UUID

from services.mapping.domain.pages import recommended
from services.mapping.domain.recommend import LeftOut, recommend
from services.mapping.handlers.refresh import keep
from services.mapping.handlers.refusals import connected, known, not_drafting, not_started
from services.mapping.handlers.translate import settings_of
from services.mapping.handlers.versions import Author, add_version
from services.mapping.ports import Crms, FieldStore, Version


@dataclass(frozen=True, slots=True)
class Drafted:
    """The new version, and the default mappings that these two accounts cannot have."""

    version: Version
    left_out: tuple[LeftOut, ...]


async def choose_recommended(
    store: FieldStore, crms: Crms, connection_id: UUID, author: Author
) -> Drafted:
    """Drafts the recommended settings as the next version.

    Makes the HubSpot property that lets a repeated write find its record. No transaction is
    open while the CRMs are asked (I5).

    Raises:
        RefusedError: the connection is unknown, a side is not connected, the sync was started, or
            a draft is open.
    """
    async with store.begin() as work:
        before = connected(known(await work.setups.get(connection_id), connection_id))
        not_drafting(not_started(before))
    await crms.ensure_key_properties(connection_id)
    catalogue = await crms.read_catalogue(connection_id)
    found, choices = recommend(catalogue), recommended(catalogue)
    async with store.begin() as work:
        held = known(await work.setups.held(connection_id), connection_id)
        setup = not_drafting(not_started(held))
        await keep(work, setup, catalogue)
        settings = settings_of(choices, found.mappings)
        version = await add_version(work, setup, settings, author=author, note="recommended")
    return Drafted(version, found.left_out)
