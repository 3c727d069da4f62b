"""Both CRMs behind the ports of contact_sync."""

from collections import Counter
from collections.abc import AsyncIterator, Collection
from collections.abc import Mapping as Map
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.contact_sync.domain.model import HubSpotPerson, Owners, SalesforcePerson
from services.contact_sync.ports import Connection, Crm, Lookup
from shared.contracts.settings import Settings
from shared.crm.hubspot.client import HubSpotClient
from shared.crm.hubspot.records import HubSpotRecord
from shared.crm.hubspot.rows import UpdateInput, UpsertInput
from shared.crm.hubspot.search import Filter
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.collections import Row
from shared.crm.salesforce.soql import literal
from shared.crm.writes import WriteResult
from shared.kernel.clock import Clock
from shared.kernel.records import ObjectType, Side
from shared.web.peers.clients import CrmClients

CONTACTS = "contacts"
HUBSPOT_KEY = "causeway_key"
SALESFORCE_KEY = "Causeway_Key__c"
PEOPLE = ("Contact", "Lead")
ALWAYS_HUBSPOT = ("email", "hs_additional_emails", "firstname", "lastname", HUBSPOT_KEY)
CONVERTED = "ConvertedContactId"

OWNERS_FRESH = timedelta(minutes=15)
"""New users appear in a sync after this at the latest; reading them costs two calls."""


class OwnersKept:
    """The owner tables of each connection and org, read anew when they are old."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[tuple[UUID, str], tuple[datetime, Owners]] = {}

    def get(self, connection: Connection) -> Owners | None:
        """The table, or None when it has to be read."""
        at, owners = self._kept.get((connection.id, connection.org_id), (None, None))
        fresh = at is not None and self._clock.now() - at < OWNERS_FRESH
        return owners if fresh else None

    def put(self, connection: Connection, owners: Owners) -> None:
        """Keeps a table that was read now."""
        self._kept[connection.id, connection.org_id] = (self._clock.now(), owners)


class CrmGateways:
    """The `Crms` port: opens both clients of a connection on leased calls."""

    def __init__(self, clients: CrmClients, clock: Clock) -> None:
        self._clients = clients
        self._owners = OwnersKept(clock)

    @asynccontextmanager
    async def open(self, connection: Connection, *, purpose: str) -> AsyncIterator[Crm]:
        """Both CRMs of a connection; what is left of the lease goes back at the end."""
        calls = Counter(dict.fromkeys(Side, 0))

        def count(*, side: str, **_: object) -> None:
            calls[Side(side)] += 1

        async with self._clients.open(
            connection.id, purpose=purpose, org_id=connection.org_id, watch=count
        ) as (hubspot, salesforce):
            yield BothCrms(connection, hubspot, salesforce, self._owners, calls)


class BothCrms:
    """The `Crm` port over the two clients."""

    def __init__(
        self,
        connection: Connection,
        hubspot: HubSpotClient,
        salesforce: SalesforceClient,
        owners: OwnersKept,
        calls: Map[Side, int],
    ) -> None:
        self.calls = calls
        self._connection = connection
        self._hubspot = hubspot
        self._salesforce = salesforce
        self._owners = owners
        self._properties, self._fields = _mapped(connection.settings)

    async def hubspot_by_id(self, ids: Collection[str]) -> dict[str, HubSpotPerson]:
        """Contacts that exist; a merged id answers with the survivor under its own id."""
        if not ids:
            return {}
        read = await self._hubspot.batch_read(CONTACTS, sorted(ids), self._properties)
        return {record.id: _hubspot_person(record) for record in read.found.values()}

    async def hubspot_by_email(self, emails: Collection[str]) -> list[HubSpotPerson]:
        """Contacts that have one of these addresses."""
        read = await self._hubspot.batch_read(
            CONTACTS, sorted(emails), self._properties, id_property="email"
        )
        return [_hubspot_person(record) for record in read.found.values()]

    async def hubspot_by_key(self, keys: Collection[str]) -> list[HubSpotPerson]:
        """Contacts that we created with one of these keys."""
        read = await self._hubspot.batch_read(
            CONTACTS, sorted(keys), self._properties, id_property=HUBSPOT_KEY
        )
        return [_hubspot_person(record) for record in read.found.values()]

    async def hubspot_times(
        self, wanted: Map[str, Collection[str]]
    ) -> dict[str, dict[str, datetime | None]]:
        """When these properties of these contacts were last set, from their history."""
        names = sorted({name for found in wanted.values() for name in found})
        read = await self._hubspot.batch_read(CONTACTS, sorted(wanted), names, history=names)
        return {
            record.id: {name: _latest(record, name) for name in names}
            for record in read.found.values()
        }

    async def salesforce(self, lookup: Lookup) -> dict[str, SalesforcePerson]:
        """Contacts and leads by id, e-mail address or our key: one call for up to five queries."""
        if not lookup:
            return {}
        soqls, objects = [], []
        for name in PEOPLE:
            condition = _condition(name, lookup)
            if condition:
                fields = ", ".join(self._fields[name])
                soqls.append(f"SELECT {fields} FROM {name} WHERE {condition}")  # noqa: S608
                objects.append(name)
        answers = await self._salesforce.queries(soqls)
        return {
            row["Id"]: _salesforce_person(name, row)
            for name, rows in zip(objects, answers, strict=True)
            for row in rows
        }

    async def owners(self) -> Owners:
        """Who is who on both sides, at most a quarter of an hour old."""
        kept = self._owners.get(self._connection)
        if kept is not None:
            return kept
        hubspot = await self._hubspot.owners()
        users = await self._salesforce.query(
            "SELECT Id, Email FROM User WHERE IsActive = true AND Email != null"
        )
        owners = Owners(
            hubspot={owner.id: owner.email.lower() for owner in hubspot if owner.email},
            salesforce={user["Id"]: str(user["Email"]).lower() for user in users},
        )
        self._owners.put(self._connection, owners)
        return owners

    async def create_in_hubspot(self, rows: Map[str, Map[str, object]]) -> dict[str, WriteResult]:
        """By `causeway_key`, so that a repetition updates what the first try made."""
        inputs = [UpsertInput(key, key, {**row, HUBSPOT_KEY: key}) for key, row in rows.items()]
        return await self._hubspot.batch_upsert(CONTACTS, HUBSPOT_KEY, inputs)

    async def update_in_hubspot(self, rows: Map[str, Map[str, object]]) -> dict[str, WriteResult]:
        """By record id."""
        inputs = [UpdateInput(key, key, dict(row)) for key, row in rows.items()]
        return await self._hubspot.batch_update(CONTACTS, inputs)

    async def create_in_salesforce(
        self, object_name: str, rows: Map[str, Map[str, object]]
    ) -> dict[str, WriteResult]:
        """By Causeway_Key__c, so that a repetition updates what the first try made."""
        return await self._salesforce.upsert(object_name, SALESFORCE_KEY, _rows(rows))

    async def update_in_salesforce(
        self, object_name: str, rows: Map[str, Map[str, object]]
    ) -> dict[str, WriteResult]:
        """By record id."""
        return await self._salesforce.update(object_name, _rows(rows))

    async def page_of_ids(self, side: Side, object_name: str, after: str, limit: int) -> list[str]:
        """The next ids in ascending order, for an import."""
        if side is Side.SALESFORCE:
            where = f"WHERE Id > {literal(after)} " if after else ""
            soql = f"SELECT Id FROM {object_name} {where}ORDER BY Id LIMIT {limit}"  # noqa: S608
            return [row["Id"] for row in await self._salesforce.query(soql)]
        filters = [[Filter("hs_object_id", "GT", after)]] if after else []
        page = await self._hubspot.search(
            CONTACTS, filters=filters, properties=[], sort="hs_object_id", limit=limit
        )
        return [record.id for record in page.records]

    async def latest_ids(self, side: Side, limit: int) -> list[str]:
        """One call: HubSpot's index by its time of modification, or a query for each object."""
        if side is Side.HUBSPOT:
            page = await self._hubspot.search(
                CONTACTS, filters=[], properties=[], sort="-lastmodifieddate", limit=limit
            )
            return [record.id for record in page.records]
        latest = f"ORDER BY LastModifiedDate DESC LIMIT {limit}"
        answers = await self._salesforce.queries(
            [f"SELECT Id, LastModifiedDate FROM {name} {latest}" for name in PEOPLE]  # noqa: S608
        )
        rows = sorted(
            (row for rows in answers for row in rows),
            key=lambda row: datetime.fromisoformat(row["LastModifiedDate"]),
            reverse=True,
        )
        return [row["Id"] for row in rows[:limit]]

    async def counts(self) -> Map[str, int]:
        """One call for each object. HubSpot's is the total of a search."""
        page = await self._hubspot.search(CONTACTS, filters=[], properties=[], limit=1)
        return {CONTACTS: page.total, **await self._salesforce.counts(PEOPLE)}


def _mapped(settings: Settings | None) -> tuple[list[str], dict[str, list[str]]]:
    """The HubSpot properties and the Salesforce fields to read, by Salesforce object."""
    mappings = [
        mapping
        for mapping in (settings.mappings if settings else ())
        if mapping.object_type is ObjectType.CONTACT
    ]
    properties = dict.fromkeys([*ALWAYS_HUBSPOT, *(m.hubspot_property for m in mappings)])
    fields = {
        name: list(
            dict.fromkeys(
                [
                    *("Id", "Email", "SystemModstamp", "LastModifiedDate", SALESFORCE_KEY),
                    *([CONVERTED] if name == "Lead" else []),
                    *(m.salesforce_field for m in mappings if name in m.salesforce_objects),
                ],
            ),
        )
        for name in PEOPLE
    }
    return list(properties), fields


def _condition(object_name: str, lookup: Lookup) -> str:
    """One WHERE for everything that is looked for in one object; empty when there is nothing."""
    prefix = {"Contact": "003", "Lead": "00Q"}[object_name]
    wanted = {
        "Id": sorted(i for i in lookup.ids if i.startswith(prefix)),
        "Email": sorted(lookup.emails),
        SALESFORCE_KEY: sorted(lookup.keys),
    }
    parts = [
        f"{field} IN ({', '.join(literal(value) for value in values)})"
        for field, values in wanted.items()
        if values
    ]
    return " OR ".join(parts)


def _hubspot_person(record: HubSpotRecord) -> HubSpotPerson:
    more = (record.properties.get("hs_additional_emails") or "").split(";")
    found = [record.properties.get("email") or "", *more]
    emails = dict.fromkeys(email.strip().lower() for email in found if email.strip())
    return HubSpotPerson(
        id=record.id,
        values=record.properties,
        emails=tuple(emails),
        key=record.properties.get(HUBSPOT_KEY),
    )


def _salesforce_person(object_name: str, row: dict[str, Any]) -> SalesforcePerson:
    return SalesforcePerson(
        id=row["Id"],
        object_name=object_name,
        values=row,
        modified_at=datetime.fromisoformat(row["LastModifiedDate"]),
        email=row.get("Email"),
        key=row.get(SALESFORCE_KEY),
        converted_contact_id=row.get(CONVERTED),
    )


def _latest(record: HubSpotRecord, name: str) -> datetime | None:
    times = (entry.timestamp for entry in record.history.get(name, ()))
    return max((at for at in times if at is not None), default=None)


def _rows(rows: Map[str, Map[str, object]]) -> list[Row]:
    return [Row(key, dict(values)) for key, values in rows.items()]
