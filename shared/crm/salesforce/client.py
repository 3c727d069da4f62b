"""The Salesforce client: one object with everything that a sync asks of an org."""

from collections.abc import Collection, Sequence

from shared.crm.answers import Json
from shared.crm.salesforce.collections import Collections, Row
from shared.crm.salesforce.counts import count_records
from shared.crm.salesforce.describe import ObjectDescribe
from shared.crm.salesforce.describes import Described, describe_object, describe_objects
from shared.crm.salesforce.org import (
    ApiVersion,
    Identity,
    OrgLimit,
    read_identity,
    read_limits,
    read_versions,
)
from shared.crm.salesforce.queries import run_queries
from shared.crm.salesforce.roots import DEFAULT_VERSION, data_root
from shared.crm.salesforce.stages import STAGES, OpportunityStage, picklist_values, stages_of
from shared.crm.transport import Transport
from shared.crm.writes import WriteResult


class SalesforceClient:
    """Calls to one org. The transport adds `Sforce-Call-Options: client=causeway`.

    Reads and whole calls raise the families of shared.crm.errors. Bulk writes answer for every
    row by its key; they raise only when no call of theirs got an answer.
    """

    def __init__(self, transport: Transport, *, version: str = DEFAULT_VERSION) -> None:
        self._transport = transport
        self._root = data_root(version)
        self._collections = Collections(transport, self._root)

    async def queries(
        self, soqls: Sequence[str], *, include_deleted: bool = False
    ) -> list[list[Json]]:
        """The rows of each query, all pages, in the order asked; five queries are one API call.

        `include_deleted` also finds rows in the recycle bin and archived activities. Rows are as
        Salesforce gives them, `attributes` included. CrmFatalError page_limit_exceeded when a
        query has more than 100 pages.
        """
        return await run_queries(
            self._transport, self._root, soqls, include_deleted=include_deleted
        )

    async def query(self, soql: str) -> list[Json]:
        """The rows of one query, all pages."""
        return (await self.queries([soql]))[0]

    async def upsert(
        self,
        object_name: str,
        key_field: str,
        rows: Sequence[Row],
        *,
        allow_duplicates: bool = False,
    ) -> dict[str, WriteResult]:
        """Records by external id (`Row.key`); repeating it makes no second record.

        `allow_duplicates` saves what a duplicate rule only warns of; block rules refuse still.
        """
        return await self._collections.upsert(
            object_name, key_field, rows, allow_duplicates=allow_duplicates
        )

    async def create(
        self, object_name: str, rows: Sequence[Row], *, allow_duplicates: bool = False
    ) -> dict[str, WriteResult]:
        """New records; repeating it makes second ones, prefer `upsert`."""
        return await self._collections.create(object_name, rows, allow_duplicates=allow_duplicates)

    async def update(
        self, object_name: str, rows: Sequence[Row], *, allow_duplicates: bool = False
    ) -> dict[str, WriteResult]:
        """New values by record id (`Row.key`)."""
        return await self._collections.update(object_name, rows, allow_duplicates=allow_duplicates)

    async def describe(self, object_name: str) -> ObjectDescribe:
        """The object and its fields, as far as the connected user may see them."""
        return await describe_object(self._transport, self._root, object_name)

    async def describes(self, object_names: Sequence[str]) -> Described:
        """Up to 25 objects in one API call (one each when the answer is too large for one).

        An object that is not there, or that the user may not see, has the refusal in its place.
        """
        return await describe_objects(self._transport, self._root, object_names)

    async def stages(self) -> list[OpportunityStage]:
        """The active stages of opportunities, in their order, whatever the record type."""
        return stages_of(await self.query(STAGES))

    async def picklist_values(self, object_name: str, record_type_id: str, field: str) -> list[str]:
        """The values that a picklist offers to records of one record type."""
        return await picklist_values(
            self._transport, self._root, object_name, record_type_id, field
        )

    async def counts(self, object_names: Collection[str]) -> dict[str, int]:
        """How many records each object has that the connected user may see; one call each."""
        return await count_records(self._transport, self._root, object_names)

    async def limits(self) -> dict[str, OrgLimit]:
        """The org's limits by Salesforce's names (DailyApiRequests, ...)."""
        return await read_limits(self._transport, self._root)

    async def versions(self) -> list[ApiVersion]:
        """The API versions that the org serves, oldest first; no quota is used."""
        return await read_versions(self._transport)

    async def identity(self) -> Identity:
        """Who the access token belongs to."""
        return await read_identity(self._transport)
