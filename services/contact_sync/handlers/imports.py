"""Walks all records of a type on one side into the mailbox, a page at a time.

The cursor moves in the transaction that notes its page, so a crash resumes at the row where
it was. The rows have the lowest priority: live changes go first.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from services.contact_sync.domain.objects import ALL_OBJECTS, object_type_of
from services.contact_sync.handlers.translate import is_on
from services.contact_sync.ports import NO_WAIT, Connection, Crms, Import, Store
from shared.crm.errors import UNTIL_RECONNECTED_SECONDS, CrmAuthError
from shared.kernel.errors import FatalError, RetriableError
from shared.kernel.records import ObjectType, Side
from shared.outbox.mail import Note, Priority

PAGE = 200
"""HubSpot's largest search page; Salesforce could give 2,000, but even steps show progress."""

FAILED_PAGE_WAIT = timedelta(seconds=30)
"""An import whose CRM cannot be asked stands back this long, so that others are walked; one that
was told when to come back (a full search window of a second) comes then."""

RECONNECT_WAIT = timedelta(seconds=UNTIL_RECONNECTED_SECONDS)
"""An import outlives a grant: it goes on where it was when the side is connected again."""
TURNED_OFF = "Companies are turned off. Turn them on in the settings, then import again."


@dataclass(frozen=True, slots=True)
class Importer:
    """What importing needs; `lease` is how long a crashed worker's import stays held."""

    store: Store
    crms: Crms
    lease: timedelta


async def import_page(importer: Importer) -> bool:
    """Looks at the next import that is due and notes one page; False when there is none."""
    async with importer.store.begin() as work:
        current = await work.imports.next(importer.lease)
        connection = await work.connections.get(current.connection_id) if current else None
    if current is None:
        return False
    if connection is None or connection.settings is None:
        await _save(importer, replace(current, state="failed", problem="no settings yet"))
        return True
    if not is_on(connection.settings, object_type_of(current.object_name)):
        await _save(importer, replace(current, state="failed", problem=TURNED_OFF))
        return True
    try:
        ids = await _read_page(importer, connection, current)
    except CrmAuthError as dead:
        await _save(importer, replace(current, problem=str(dead)), wait=RECONNECT_WAIT)
        return True
    except RetriableError as error:
        told = error.retry_after
        wait = FAILED_PAGE_WAIT if told is None else timedelta(seconds=told)
        await _save(importer, replace(current, problem=str(error)), wait=wait)
        return True
    except FatalError as error:
        await _save(importer, replace(current, state="failed", problem=str(error)))
        return True
    await _note_page(importer, current, ids)
    return True


async def _read_page(importer: Importer, connection: Connection, current: Import) -> list[str]:
    object_type = object_type_of(current.object_name)
    opened = importer.crms.open(connection, purpose="import", object_type=object_type)
    async with opened as crm:
        return await crm.page_of_ids(current.side, current.object_name, current.cursor, PAGE)


async def _note_page(importer: Importer, current: Import, ids: list[str]) -> None:
    notes = [_note(current, record_id) for record_id in ids]
    progress = replace(current, noted=current.noted + len(ids), problem=None)
    last = len(ids) < PAGE
    progress = _next_object(progress) if last else replace(progress, cursor=ids[-1])
    async with importer.store.begin() as work:
        await work.mail.note(notes)
        await work.imports.save(progress)


def _next_object(progress: Import) -> Import:
    objects = _objects(object_type_of(progress.object_name), progress.side)
    position = objects.index(progress.object_name) + 1
    if position == len(objects):
        return replace(progress, state="noted")
    return replace(progress, object_name=objects[position], cursor="")


def _objects(object_type: ObjectType, side: Side) -> tuple[str, ...]:
    return ALL_OBJECTS[object_type].on(in_hubspot=side is Side.HUBSPOT)


def _note(current: Import, record_id: str) -> Note:
    return Note(
        connection_id=current.connection_id,
        lane=object_type_of(current.object_name).value,
        side=current.side.value,
        record_id=record_id,
        priority=Priority.IMPORT,
        cause={"kind": "import", "import_id": str(current.id), "side": current.side.value},
    )


async def _save(importer: Importer, progress: Import, *, wait: timedelta = NO_WAIT) -> None:
    async with importer.store.begin() as work:
        await work.imports.save(progress, wait=wait)


async def start_import(
    store: Store,
    *,
    import_id: UUID,
    connection_id: UUID,
    side: Side,
    object_type: ObjectType = ObjectType.CONTACT,
) -> Import | None:
    """A new import of all records of a type on one side; None for an unknown connection."""
    first = _objects(object_type, side)[0]
    new = Import(import_id, connection_id, side, first, state="walking")
    async with store.begin() as work:
        if await work.connections.get(connection_id) is None:
            return None
        await work.imports.add(new)
    return new


async def retry_parked(store: Store, connection_id: UUID, parked_id: UUID) -> bool:
    """Puts a parked record back, ahead of everything; False when it is not parked."""
    async with store.begin() as work:
        claim = await work.parked.claim_of(connection_id, parked_id)
        if claim is None:
            return False
        await work.links.forget_near_misses(connection_id, claim)
        await work.mail.note(
            [
                Note(
                    connection_id=connection_id,
                    lane=claim.object_type.value,
                    side=claim.side.value,
                    record_id=claim.record_id,
                    priority=Priority.INTERACTIVE,
                    cause={"kind": "retry", "parked_id": str(parked_id)},
                ),
            ],
        )
    return True
