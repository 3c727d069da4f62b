"""Both CRMs behind the ports of contact_sync."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from collections.abc import Mapping as Map
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

from services.contact_sync.domain.model import HubSpotPerson, Owners, SalesforcePerson
from services.contact_sync.gateways.memberships import Rows, written_with_companies
from services.contact_sync.gateways.shapes import HUBSPOT_KEY, SALESFORCE_KEY, Shape, shape_of
from services.contact_sync.ports import Connection, Crm, Lookup
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

SEARCH_PAGE = 200
"""HubSpot's largest; of more companies with the domains of one batch any will do."""

MODIFIED = {ObjectType.CONTACT: "lastmodifieddate", ObjectType.COMPANY: "hs_lastmodifieddate"}
"""HubSpot's name for the time of a record's last change, by type."""

DOMAINS_AT_ONCE = 50
"""So that a search stays below HubSpot's 3,000 characters (facts: hubspot-api 5)."""

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
    async def open(
        self,
        connection: Connection,
        *,
        purpose: str,
        object_type: ObjectType = ObjectType.CONTACT,
    ) -> AsyncIterator[Crm]:
        """Both CRMs of a connection; what is left of the lease goes back at the end."""
        calls = Counter(dict.fromkeys(Side, 0))

        def count(*, side: str, **_: object) -> None:
            calls[Side(side)] += 1

        async with self._clients.open(
            connection.id, purpose=purpose, org_id=connection.org_id, watch=count
        ) as (hubspot, salesforce):
            shape = shape_of(connection.settings, object_type)
            yield BothCrms(connection, hubspot, salesforce, self._owners, calls=calls, shape=shape)


class BothCrms:
    """The `Crm` port over the two clients."""

    def __init__(
        self,
        connection: Connection,
        hubspot: HubSpotClient,
        salesforce: SalesforceClient,
        owners: OwnersKept,
        *,
        calls: Map[Side, int],
        shape: Shape,
    ) -> None:
        self.calls = calls
        self._connection = connection
        self._hubspot = hubspot
        self._salesforce = salesforce
        self._owners = owners
        self._shape = shape
        self._object = shape.objects.hubspot

    async def hubspot_by_id(self, ids: Collection[str]) -> dict[str, HubSpotPerson]:
        """Records that exist; a merged id answers with the survivor under its own id."""
        if not ids:
            return {}
        read = await self._hubspot.batch_read(self._object, sorted(ids), self._shape.properties)
        return {record.id: self._shape.hubspot(record) for record in read.found.values()}

    async def hubspot_by_email(self, emails: Collection[str]) -> list[HubSpotPerson]:
        """Contacts that have one of these addresses, or companies with one of these domains."""
        if self._shape.objects.object_type is ObjectType.COMPANY:
            return await self._companies_of(sorted(emails))
        read = await self._hubspot.batch_read(
            self._object, sorted(emails), self._shape.properties, id_property="email"
        )
        return [self._shape.hubspot(record) for record in read.found.values()]

    async def _companies_of(self, domains: Sequence[str]) -> list[HubSpotPerson]:
        """A domain is no unique property, so it has to be searched for."""
        found: list[HubSpotPerson] = []
        for start in range(0, len(domains), DOMAINS_AT_ONCE):
            wanted = tuple(domains[start : start + DOMAINS_AT_ONCE])
            page = await self._hubspot.search(
                self._object,
                filters=[[Filter("domain", "IN", values=wanted)]],
                properties=self._shape.properties,
                limit=SEARCH_PAGE,
            )
            found += [self._shape.hubspot(record) for record in page.records]
        return found

    async def hubspot_by_key(self, keys: Collection[str]) -> list[HubSpotPerson]:
        """Records that we created with one of these keys."""
        read = await self._hubspot.batch_read(
            self._object, sorted(keys), self._shape.properties, id_property=HUBSPOT_KEY
        )
        return [self._shape.hubspot(record) for record in read.found.values()]

    async def hubspot_times(
        self, wanted: Map[str, Collection[str]]
    ) -> dict[str, dict[str, datetime | None]]:
        """When these properties of these records were last set, from their history."""
        names = sorted({name for found in wanted.values() for name in found})
        read = await self._hubspot.batch_read(self._object, sorted(wanted), names, history=names)
        return {
            record.id: {name: _latest(record, name) for name in names}
            for record in read.found.values()
        }

    async def salesforce(self, lookup: Lookup) -> dict[str, SalesforcePerson]:
        """Records by id, our key or what they are recognised by: one call for five queries."""
        if not lookup:
            return {}
        conditions = self._shape.conditions(lookup)
        answers = await self._salesforce.queries(
            [
                f"SELECT {', '.join(self._shape.fields[name])} FROM {name} WHERE {where}"  # noqa: S608 -- names from describe, literals quoted
                for name, where in conditions
            ]
        )
        return {
            row["Id"]: self._shape.salesforce(name, row)
            for (name, _), rows in zip(conditions, answers, strict=True)
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

        async def write(plain: Rows) -> dict[str, WriteResult]:
            inputs = [UpsertInput(k, k, {**row, HUBSPOT_KEY: k}) for k, row in plain.items()]
            return await self._hubspot.batch_upsert(self._object, HUBSPOT_KEY, inputs)

        return await written_with_companies(self._hubspot, rows, write)

    async def update_in_hubspot(self, rows: Map[str, Map[str, object]]) -> dict[str, WriteResult]:
        """By record id."""

        async def write(plain: Rows) -> dict[str, WriteResult]:
            inputs = [UpdateInput(key, key, dict(row)) for key, row in plain.items()]
            return await self._hubspot.batch_update(self._object, inputs)

        return await written_with_companies(self._hubspot, rows, write)

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
            self._object, filters=filters, properties=[], sort="hs_object_id", limit=limit
        )
        return [record.id for record in page.records]

    async def latest_ids(self, side: Side, limit: int) -> list[str]:
        """One call: HubSpot's index by its time of modification, or a query for each object."""
        if side is Side.HUBSPOT:
            page = await self._hubspot.search(
                self._object,
                filters=[],
                properties=[],
                sort=f"-{MODIFIED[self._shape.objects.object_type]}",
                limit=limit,
            )
            return [record.id for record in page.records]
        latest = f"ORDER BY LastModifiedDate DESC LIMIT {limit}"
        answers = await self._salesforce.queries(
            [
                f"SELECT Id, LastModifiedDate FROM {name} {latest}"  # noqa: S608
                for name in self._shape.objects.salesforce
            ]
        )
        rows = sorted(
            (row for rows in answers for row in rows),
            key=lambda row: datetime.fromisoformat(row["LastModifiedDate"]),
            reverse=True,
        )
        return [row["Id"] for row in rows[:limit]]

    async def counts(self) -> Map[str, int]:
        """One call for each object. HubSpot's is the total of a search."""
        page = await self._hubspot.search(self._object, filters=[], properties=[], limit=1)
        counted = await self._salesforce.counts(self._shape.objects.salesforce)
        return {self._object: page.total, **counted}


def _latest(record: HubSpotRecord, name: str) -> datetime | None:
    times = (entry.timestamp for entry in record.history.get(name, ()))
    return max((at for at in times if at is not None), default=None)


def _rows(rows: Map[str, Map[str, object]]) -> list[Row]:
    return [Row(key, dict(values)) for key, values in rows.items()]
