"""A new version of the settings: numbered, kept, and sent out at once while the sync runs."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.mapping.domain.setup import Setup, Sync
from services.mapping.handlers.refusals import OUTDATED, RefusedError
from services.mapping.ports import Version, Work
from shared.contracts.mapping import SettingsPublished
from shared.contracts.settings import Settings
from shared.outbox.mail import Outgoing


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes the settings, and when."""

    subject: str
    at: datetime


async def add_version(
    work: Work, setup: Setup, settings: Settings, *, author: Author, note: str
) -> Version:
    """Keeps `settings` as the next version of a setup that this transaction holds."""
    number = setup.version + 1
    version = Version(
        settings.model_copy(update={"version": number}), author.subject, note, author.at
    )
    await work.versions.add(setup.connection_id, version)
    grown = replace(setup, version=number)
    if setup.sync is Sync.RUNNING:
        grown = await publish(work, grown, version.settings)
    await work.setups.save(grown)
    return version


async def publish(work: Work, setup: Setup, settings: Settings) -> Setup:
    """Tells the other services of a version; the setup that knows it was told. Not saved."""
    outgoing = Outgoing(
        setup.connection_id,
        f"settings/{settings.version}",
        SettingsPublished(settings=settings),
    )
    await work.emit([outgoing])
    return replace(setup, published=settings.version)


def expect(setup: Setup, version: int) -> None:
    """Passes when `version` is the newest.

    Raises:
        RefusedError: somebody else changed the settings meanwhile.
    """
    if setup.version != version:
        raise RefusedError(
            f"The settings are at version {setup.version}, this change was made for {version}. "
            "Load them again, repeat the change and send it with the new ETag.",
            code=OUTDATED,
        )
