"""Polls both CRMs behind the `Poller` port."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from services.ingress.domain.news import Interest
from services.ingress.domain.polling import PolledRow
from services.ingress.handlers.interest import HUBSPOT_TASK_PROPERTIES
from services.ingress.ports import Connection, PollRequest
from shared.crm.hubspot.client import HubSpotClient
from shared.crm.hubspot.records import HubSpotRecord
from shared.crm.hubspot.search import Filter
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.soql import literal
from shared.kernel.records import Side
from shared.web.peers.clients import CrmClients

PAGE = 200
"""HubSpot's largest search page."""

MAX_PAGES = 50
"""HubSpot's wall at 10,000 results; the next round goes on where this one ended."""

FIXED_FIELDS = ("Id", "SystemModstamp", "CreatedDate", "LastModifiedById", "IsDeleted")
MODIFIED = "hs_lastmodifieddate"
CREATED = "hs_createdate"


class CrmPoller:
    """The `Poller` port over leased clients."""

    def __init__(self, clients: CrmClients) -> None:
        self._clients = clients

    async def poll(
        self,
        connection: Connection,
        side: Side,
        requests: Sequence[PollRequest],
        interest: Interest,
    ) -> dict[str, list[PolledRow]]:
        """What was modified, by object: one Salesforce call, or one HubSpot search a page."""
        async with self._clients.open(connection.id, purpose="poll") as (hubspot, salesforce):
            if side is Side.SALESFORCE:
                return await _salesforce(salesforce, connection, requests, interest)
            return {request.object_name: await _hubspot(hubspot, request) for request in requests}


async def _salesforce(
    client: SalesforceClient,
    connection: Connection,
    requests: Sequence[PollRequest],
    interest: Interest,
) -> dict[str, list[PolledRow]]:
    soqls = []
    for request in requests:
        mapped = interest.salesforce[request.object_name]
        fields = ", ".join(dict.fromkeys([*FIXED_FIELDS, *mapped]))
        since = literal(request.since)
        soqls.append(
            f"SELECT {fields} FROM {request.object_name} "  # noqa: S608 -- names from describe
            f"WHERE SystemModstamp >= {since} ORDER BY SystemModstamp, Id",
        )
    answers = await client.queries(soqls, include_deleted=True)
    return {
        request.object_name: [
            _salesforce_row(request.object_name, row, connection, interest) for row in rows
        ]
        for request, rows in zip(requests, answers, strict=True)
    }


def _salesforce_row(
    object_name: str, row: dict[str, Any], connection: Connection, interest: Interest
) -> PolledRow:
    return PolledRow(
        side=Side.SALESFORCE,
        object_name=object_name,
        record_id=row["Id"],
        modified_at=datetime.fromisoformat(row["SystemModstamp"]),
        created_at=datetime.fromisoformat(row["CreatedDate"]),
        deleted=bool(row["IsDeleted"]),
        ours=row["LastModifiedById"] == connection.salesforce_user_id,
        values={name: row.get(name) for name in interest.salesforce[object_name]},
    )


async def _hubspot(client: HubSpotClient, request: PollRequest) -> list[PolledRow]:
    since = str(int(request.since.timestamp() * 1000))
    rows: list[PolledRow] = []
    after: str | None = None
    for _ in range(MAX_PAGES):
        page = await client.search(
            request.object_name,
            filters=[[Filter(MODIFIED, "GTE", since)]],
            properties=[*HUBSPOT_TASK_PROPERTIES, MODIFIED, CREATED],
            sort=MODIFIED,
            limit=PAGE,
            after=after,
        )
        rows += [_hubspot_row(request.object_name, record) for record in page.records]
        after = page.next_after
        if after is None:
            break
    return rows


def _hubspot_row(object_name: str, record: HubSpotRecord) -> PolledRow:
    return PolledRow(
        side=Side.HUBSPOT,
        object_name=object_name,
        record_id=record.id,
        modified_at=_time(record.properties.get(MODIFIED)) or record.updated_at,
        created_at=_time(record.properties.get(CREATED)) or record.updated_at,
        deleted=record.archived,
        ours=None,
        values={name: record.properties.get(name) for name in HUBSPOT_TASK_PROPERTIES},
    )


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    return datetime.fromisoformat(text).astimezone(UTC)
