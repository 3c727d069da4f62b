"""Versions compared, and an old one made the newest again."""

from dataclasses import dataclass
from uuid import UUID

from services.mapping.domain.wording import Change, Labels, differ
from services.mapping.handlers.refusals import known
from services.mapping.handlers.translate import choices_of
from services.mapping.handlers.versions import Author
from services.mapping.handlers.wholes import put_in_place
from services.mapping.ports import Crms, FieldStore, Lookups, Store, Version
from shared.kernel.errors import FatalError

UNKNOWN_VERSION = "unknown_version"


class UnknownVersionError(FatalError):
    """The history has no version of that number."""

    def __init__(self, version: int) -> None:
        super().__init__(f"The settings never had a version {version}.", code=UNKNOWN_VERSION)
        self.version = version


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions, and what differs from the first to the second."""

    before: Version
    after: Version
    changes: tuple[Change, ...]


async def compare_versions(
    store: Store, connection_id: UUID, before: int, after: int
) -> Comparison:
    """What differs between two versions, whichever is the older one.

    Raises:
        RefusedError: the connection is unknown.
        UnknownVersionError: one of the two was never made.
    """
    async with store.begin() as work:
        known(await work.setups.get(connection_id), connection_id)
        old = await work.versions.get(connection_id, before)
        new = await work.versions.get(connection_id, after)
        labels = Labels.of(await work.catalogues.get(connection_id))
    if old is None or new is None:
        raise UnknownVersionError(before if old is None else after)
    changes = differ(choices_of(old.settings), choices_of(new.settings), labels)
    return Comparison(old, new, changes)


async def restore_version(
    store: FieldStore,
    crms: Crms,
    lookups: Lookups,
    connection_id: UUID,
    version: int,
    *,
    expected: int,
    author: Author,
) -> Version:
    """Makes a new version that equals an old one, judged by the fields as they are today.

    Raises:
        UnknownVersionError: it was never made.
        RefusedError: as `put_in_place`.
    """
    async with store.begin() as work:
        known(await work.setups.get(connection_id), connection_id)
        old = await work.versions.get(connection_id, version)
    if old is None:
        raise UnknownVersionError(version)
    return await put_in_place(
        store,
        crms,
        lookups,
        connection_id,
        choices_of(old.settings),
        expected=expected,
        author=author,
        note=f"version {version} restored",
    )
