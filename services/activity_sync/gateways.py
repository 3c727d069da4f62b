"""Both CRMs behind the ports of activity_sync."""

from collections.abc import AsyncIterator, Collection
from collections.abc import Mapping as Map
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from services.activity_sync.domain.task import (
    HUBSPOT_FIELDS,
    SALESFORCE_FIELDS,
    Task,
    from_hubspot,
    from_salesforce,
)
from services.activity_sync.domain.timeline import NamedAt
from services.activity_sync.ports import Connection, Crm
from shared.crm.hubspot.associations import Pair
from shared.crm.hubspot.client import HubSpotClient
from shared.crm.hubspot.records import HubSpotRecord
from shared.crm.hubspot.rows import UpdateInput, UpsertInput
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.collections import Row
from shared.crm.salesforce.soql import literal
from shared.crm.writes import Refused, WriteResult, Written
from shared.kernel.records import Side
from shared.web.peers.clients import CrmClients

TASKS = "tasks"
CONTACTS = "contacts"
TASK = "Task"
HUBSPOT_KEY = "causeway_key"
SALESFORCE_KEY = "Causeway_Key__c"
MODIFIED = "hs_lastmodifieddate"
FORM_NAME = "recent_conversion_event_name"
PROPERTIES = (*HUBSPOT_FIELDS.values(), HUBSPOT_KEY, MODIFIED)
FIELDS = ("Id", "WhoId", "SystemModstamp", SALESFORCE_KEY, *SALESFORCE_FIELDS.values())


class CrmGateways:
    """The `Crms` port: opens both clients of a connection on leased calls."""

    def __init__(self, clients: CrmClients) -> None:
        self._clients = clients

    @asynccontextmanager
    async def open(self, connection: Connection) -> AsyncIterator[Crm]:
        """Both CRMs of a connection; what is left of the lease goes back at the end."""
        async with self._clients.open(connection.id, purpose="live", org_id=connection.org_id) as (
            hubspot,
            salesforce,
        ):
            yield BothCrms(hubspot, salesforce)


class BothCrms:
    """The `Crm` port over the two clients."""

    def __init__(self, hubspot: HubSpotClient, salesforce: SalesforceClient) -> None:
        self._hubspot = hubspot
        self._salesforce = salesforce

    async def hubspot_tasks(self, ids: Collection[str]) -> dict[str, Task]:
        """Tasks that exist, with the contacts that they are about."""
        if not ids:
            return {}
        read = await self._hubspot.batch_read(TASKS, sorted(ids), PROPERTIES)
        records = list(read.found.values())
        people = await self._hubspot.associated(TASKS, CONTACTS, [r.id for r in records])
        return {r.id: _hubspot_task(r, people.get(r.id, ())) for r in records}

    async def hubspot_tasks_by_key(self, keys: Collection[str]) -> dict[str, Task]:
        """Tasks that we made, by our key."""
        read = await self._hubspot.batch_read(
            TASKS, sorted(keys), PROPERTIES, id_property=HUBSPOT_KEY
        )
        tasks = (_hubspot_task(record, ()) for record in read.found.values())
        return {task.key: task for task in tasks if task.key is not None}

    async def salesforce_tasks(
        self, ids: Collection[str], keys: Collection[str]
    ) -> dict[str, Task]:
        """Tasks that exist, by id or by our key, in one call."""
        conditions = [
            f"{field} IN ({', '.join(literal(value) for value in sorted(values))})"
            for field, values in (("Id", ids), (SALESFORCE_KEY, keys))
            if values
        ]
        if not conditions:
            return {}
        soql = f"SELECT {', '.join(FIELDS)} FROM {TASK} WHERE {' OR '.join(conditions)}"  # noqa: S608
        return {row["Id"]: _salesforce_task(row) for row in await self._salesforce.query(soql)}

    async def form_names(self, contact_ids: Collection[str]) -> dict[str, tuple[NamedAt, ...]]:
        """The history of the latest form's name of these contacts, newest first."""
        read = await self._hubspot.batch_read(
            CONTACTS, sorted(contact_ids), [FORM_NAME], history=[FORM_NAME]
        )
        return {
            record.id: tuple(
                NamedAt(entry.value, entry.timestamp)
                for entry in record.history.get(FORM_NAME, ())
                if entry.value and entry.timestamp is not None
            )
            for record in read.found.values()
        }

    async def create_in_hubspot(
        self, rows: Map[str, Map[str, object]], people: Map[str, str]
    ) -> dict[str, WriteResult]:
        """Upserts by `causeway_key`, then associates each with its contact; both repeatable."""
        inputs = [UpsertInput(key, key, {**row, HUBSPOT_KEY: key}) for key, row in rows.items()]
        results = await self._hubspot.batch_upsert(TASKS, HUBSPOT_KEY, inputs)
        pairs = {
            key: Pair(result.id, people[key])
            for key, result in results.items()
            if isinstance(result, Written)
        }
        if not pairs:
            return results
        linked = await self._hubspot.associate(TASKS, CONTACTS, list(pairs.values()))
        refused = {key: linked.get(pair.key) for key, pair in pairs.items()}
        return results | {key: r for key, r in refused.items() if isinstance(r, Refused)}

    async def create_in_salesforce(
        self, rows: Map[str, Map[str, object]]
    ) -> dict[str, WriteResult]:
        """Upserts by Causeway_Key__c, so that a repetition updates what the first try made."""
        return await self._salesforce.upsert(TASK, SALESFORCE_KEY, _rows(rows))

    async def update(self, side: Side, rows: Map[str, Map[str, object]]) -> dict[str, WriteResult]:
        """By record id."""
        if side is Side.SALESFORCE:
            return await self._salesforce.update(TASK, _rows(rows))
        inputs = [UpdateInput(key, key, dict(row)) for key, row in rows.items()]
        return await self._hubspot.batch_update(TASKS, inputs)


def _hubspot_task(record: HubSpotRecord, people: Collection[str]) -> Task:
    return Task(
        side=Side.HUBSPOT,
        id=record.id,
        fields=from_hubspot(record.properties),
        wire=record.properties,
        modified_at=record.updated_at,
        person_ids=tuple(people),
        key=record.properties.get(HUBSPOT_KEY),
    )


def _salesforce_task(row: dict[str, Any]) -> Task:
    who = row.get("WhoId")
    return Task(
        side=Side.SALESFORCE,
        id=row["Id"],
        fields=from_salesforce(row),
        wire=row,
        modified_at=datetime.fromisoformat(row["SystemModstamp"]),
        person_ids=(who,) if who else (),
        key=row.get(SALESFORCE_KEY),
    )


def _rows(rows: Map[str, Map[str, object]]) -> list[Row]:
    return [Row(key, dict(values)) for key, values in rows.items()]
