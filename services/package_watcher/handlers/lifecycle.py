"""What the events of the connection service mean for the installations."""

from dataclasses import replace
from uuid import UUID

from services.package_watcher.domain.model import Org
from services.package_watcher.domain.orders import unordered
from services.package_watcher.ports import Work
from shared.contracts.base import Event
from shared.contracts.connection import ConnectionEstablished, ConnectionRemoved


async def note_connection(
    work: Work, connection_id: UUID, event: Event, at: str, *, installation_id: UUID
) -> None:
    """Keeps the org of a connection, and has a new org looked at once.

    `at` is the event's stamp (see Standing): events may come in any order, and again. A second
    portal on an org that has the package, or an org where an admin deployed it before, needs no
    installation. What is known of an org stays while it is disconnected, and is looked at as soon
    as it is back; what was installed in another one is forgotten. Another connected user is given
    the permission set by the check that is made at once.
    """
    kept = await work.orgs.kept(connection_id)
    if kept is not None and at <= kept.heard:
        return
    match event:
        case ConnectionRemoved():
            left = kept or Org(connection_id, "", "", "")
            await work.orgs.save(replace(left, connected=False, heard=at))
        case ConnectionEstablished():
            org = Org(
                connection_id,
                event.org_id,
                event.environment,
                event.salesforce_user_id,
                event.instance_url,
                heard=at,
            )
            await _enter(work, kept, org, installation_id)
        case _:
            return


async def _enter(work: Work, kept: Org | None, org: Org, installation_id: UUID) -> None:
    if kept is not None and kept.org_id != org.org_id:
        await work.orgs.forget(org.connection_id)
    elif kept is not None and (not kept.connected or kept.user_id != org.user_id):
        await work.presences.hasten([org.connection_id])
    await work.orgs.save(org)
    if await work.installations.held(org.connection_id) is None:
        fresh = unordered(installation_id, org.connection_id, await work.now())
        await work.installations.begin(fresh)
