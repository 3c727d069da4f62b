"""Settings as documents: written for another connection, and read for this one."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from services.mapping.domain.choices import Choices, InclusionList
from services.mapping.domain.document import Document, Names, Unresolved, document_of, resolve
from services.mapping.domain.lists import unusable
from services.mapping.domain.setup import Setup
from services.mapping.handlers.drafts import change_draft
from services.mapping.handlers.lists import chosen_lists
from services.mapping.handlers.refusals import UNRESOLVED, RefusedError, connected
from services.mapping.handlers.versions import Author
from services.mapping.handlers.wholes import (
    Outlook,
    Subject,
    outlook,
    put_in_place,
    started,
    subject_now,
)
from services.mapping.ports import Crms, FieldStore, Lookups, People, Store
from shared.kernel.errors import FieldProblem
from shared.kernel.records import ObjectType


class Stored(StrEnum):
    """What an import has changed."""

    NOTHING = "nothing"
    DRAFT = "draft"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Exported:
    """A document, and the ETag that a change of what it tells begins from."""

    document: Document
    etag: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What a document means here, what was stored of it, and the ETag of what is there now."""

    outlook: Outlook
    unresolved: tuple[Unresolved, ...]
    stored: Stored
    etag: int


async def export_settings(store: Store, lookups: Lookups, connection_id: UUID) -> Exported:
    """The open draft before the start, else the newest version.

    People are looked up only where owners are paired; without a working connection they are told
    by their ids alone.

    Raises:
        RefusedError: the connection is unknown, or has no settings yet.
    """
    subject = await subject_now(store, connection_id)
    people = People({}, {})
    if subject.choices.owners and subject.setup.connected and not subject.setup.broken:
        people = await lookups.people(connection_id)
    return Exported(document_of(subject.choices, _names(subject, people)), etag_of(subject.setup))


def etag_of(setup: Setup) -> int:
    """Before the start the draft's revision, then the version: what an import changes."""
    return setup.version if started(setup) else setup.draft_revision


async def import_settings(
    store: FieldStore,
    crms: Crms,
    lookups: Lookups,
    connection_id: UUID,
    document: Document,
    *,
    expected: int | None,
    author: Author,
) -> Imported:
    """Reads a document for this connection, and stores it; without `expected` only says what for.

    Before the start it becomes the draft, whose problems are told; after it a version, which may
    have none. What changes nothing stores nothing.

    Raises:
        RefusedError: no settings yet, a side is not connected, changed meanwhile, names that mean
            nothing here, or invalid.
    """
    subject = await subject_now(store, connection_id)
    people = People({}, {})
    if document.owners:
        connected(subject.setup)
        people = await lookups.people(connection_id)
    resolved = resolve(document, _names(subject, people), subject.choices)
    choices, lost = await _with_lists(lookups, subject, resolved.choices)
    unresolved = (*resolved.unresolved, *lost)
    found = outlook(choices, subject.choices, subject.catalogue)
    seen = Imported(found, unresolved, Stored.NOTHING, etag_of(subject.setup))
    if expected is None:
        return seen
    if unresolved:
        raise _refused(unresolved)
    if not found.changes and expected == seen.etag:
        return seen
    return await _stored(store, crms, lookups, subject, seen, expected=expected, author=author)


async def _stored(
    store: FieldStore,
    crms: Crms,
    lookups: Lookups,
    subject: Subject,
    seen: Imported,
    *,
    expected: int,
    author: Author,
) -> Imported:
    connection_id, choices = subject.setup.connection_id, seen.outlook.choices
    if started(subject.setup):
        version = await put_in_place(
            store,
            crms,
            lookups,
            connection_id,
            choices,
            expected=expected,
            author=author,
            note="imported from a file",
        )
        return replace(seen, stored=Stored.VERSION, etag=version.settings.version)
    opened = await change_draft(
        store, connection_id, lambda _, __: choices, expected=expected, author=author
    )
    return replace(seen, stored=Stored.DRAFT, etag=opened.revision)


async def _with_lists(
    lookups: Lookups, subject: Subject, choices: Choices
) -> tuple[Choices, list[Unresolved]]:
    """The inclusion lists as this portal has them; one that is as before is not looked up."""
    before, lost = dict(chosen_lists(subject.choices)), []
    kept: dict[ObjectType, InclusionList | None] = {}
    for object_type, chosen in chosen_lists(choices):
        if before.get(object_type) == chosen:
            kept[object_type] = chosen
            continue
        connected(subject.setup)
        found = await _found(lookups, subject.setup.connection_id, object_type, chosen)
        if isinstance(found, Unresolved):
            lost.append(found)
        else:
            kept[object_type] = found
    listed = replace(
        choices,
        contacts=replace(choices.contacts, inclusion_list=kept.get(ObjectType.CONTACT)),
        companies=replace(choices.companies, inclusion_list=kept.get(ObjectType.COMPANY)),
    )
    return listed, lost


PAGES = {ObjectType.CONTACT: "contacts", ObjectType.COMPANY: "companies"}


async def _found(
    lookups: Lookups, connection_id: UUID, object_type: ObjectType, chosen: InclusionList
) -> InclusionList | Unresolved:
    """A list by its id where its name is the same, else by its name."""
    where = f"{PAGES[object_type]}.inclusion_list"
    found = await lookups.list_by_id(connection_id, chosen.list_id) if chosen.list_id else None
    if chosen.name and (found is None or found.name != chosen.name):
        page = await lookups.lists(connection_id, object_type, chosen.name)
        called = [one for one in page.lists if one.name.casefold() == chosen.name.casefold()]
        if len(called) > 1:
            what = f"{len(called)} lists are called {chosen.name}."
            return Unresolved(where, what, "Write the list_id of one of them, without the name.")
        found = called[0] if called else None
    why = unusable(found, object_type)
    if why is None and found is not None:
        return InclusionList(found.id, found.name)
    name = chosen.name or chosen.list_id
    return Unresolved(where, f"List {name}: {why.what if why else ''}", why.fix if why else "")


def _names(subject: Subject, people: People) -> Names:
    catalogue = subject.catalogue
    return Names(catalogue.pipelines, catalogue.record_types, people.hubspot, people.salesforce)


def _refused(unresolved: tuple[Unresolved, ...]) -> RefusedError:
    return RefusedError(
        f"{len(unresolved)} name(s) of the file mean nothing on this connection. Correct what "
        "`errors` lists; nothing was changed.",
        code=UNRESOLVED,
        problems=[FieldProblem(one.where, f"{one.what} {one.fix}") for one in unresolved],
    )
