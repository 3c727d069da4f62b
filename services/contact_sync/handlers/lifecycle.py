"""What the events of other services mean for the lanes of a connection."""

from dataclasses import replace
from uuid import UUID

from services.contact_sync.ports import Connection, Work
from shared.contracts.base import Event
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRemoved,
    ConnectionRestored,
)
from shared.contracts.mapping import SettingsPublished, SyncPaused, SyncResumed, SyncStarted
from shared.contracts.quota import QuotaExhausted, QuotaRestored
from shared.kernel.records import Side

AND = "; "


async def note_lifecycle(work: Work, connection_id: UUID, event: Event) -> None:
    """Keeps the service's own copy of a connection, and pauses or resumes its lanes."""
    if isinstance(event, ConnectionRemoved):
        await _removed(work, connection_id, purge=event.purge)
        return
    known = await work.connections.get(connection_id) or Connection(id=connection_id)
    changed = _changed(known, event)
    if changed != known:
        await work.connections.save(changed)
    if isinstance(event, QuotaExhausted):
        await work.mail.postpone_connection(connection_id, event.until)
    elif changed.running and not changed.waiting_for:
        await work.mail.resume(connection_id)
    else:
        await work.mail.pause(connection_id, changed.waiting_for or "the sync has not been started")


def _changed(known: Connection, event: Event) -> Connection:
    match event:
        case ConnectionEstablished():
            return replace(known, portal_id=event.portal_id, org_id=event.org_id, waiting_for="")
        case ConnectionBroken():
            return _waiting(known, event.side, broken=True)
        case ConnectionRestored():
            return _waiting(known, event.side, broken=False)
        case SettingsPublished():
            newest = known.settings is None or event.settings.version >= known.settings.version
            return replace(known, settings=event.settings) if newest else known
        case SyncStarted() | SyncResumed():
            return replace(known, running=True)
        case SyncPaused():
            return replace(known, running=False)
        case QuotaExhausted() | QuotaRestored():
            return known
        case _:
            return known


def _waiting(known: Connection, side: Side, *, broken: bool) -> Connection:
    """Each broken side has a sentence of its own, so that one restored side frees nothing."""
    sentence = f"{side.value} has to be connected again"
    others = [text for text in known.waiting_for.split(AND) if text not in {"", sentence}]
    return replace(known, waiting_for=AND.join([*others, sentence] if broken else others))


async def _removed(work: Work, connection_id: UUID, *, purge: bool) -> None:
    await work.mail.pause(connection_id, "the connection was removed")
    if purge:
        await work.connections.forget(connection_id)
        return
    known = await work.connections.get(connection_id)
    if known is not None:
        await work.connections.save(replace(known, running=False))
