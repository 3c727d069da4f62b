"""The HubSpot client: one object with everything that a sync asks of a portal."""

from collections.abc import Collection, Sequence

from shared.crm.gather import chunks, together
from shared.crm.hubspot.account import Account, read_account
from shared.crm.hubspot.associations import Pair, associate, associated
from shared.crm.hubspot.batch import BATCH_SIZE, Batches
from shared.crm.hubspot.lists import FoundLists, RecordList, read_list, search_lists
from shared.crm.hubspot.owners import Owner, list_owners
from shared.crm.hubspot.paths import DEFAULT_VERSION, Paths
from shared.crm.hubspot.pipelines import DealPipeline, list_pipelines
from shared.crm.hubspot.properties import create_properties, ensure_group, list_properties
from shared.crm.hubspot.property_list import PropertyDefinition
from shared.crm.hubspot.reading import HubSpotRead, batch_read, read_one
from shared.crm.hubspot.records import HubSpotRecord
from shared.crm.hubspot.rows import CreateInput, UpdateInput, UpsertInput
from shared.crm.hubspot.search import Filter, SearchPage, search
from shared.crm.transport import Transport
from shared.crm.writes import WriteResult


class HubSpotClient:
    """Calls to one portal. `object_name` is contacts, companies, deals, tasks, ...

    Reads and whole calls raise the families of shared.crm.errors. Bulk writes answer for every
    row by its key; they raise only when no call of theirs got an answer.
    """

    def __init__(self, transport: Transport, *, version: str = DEFAULT_VERSION) -> None:
        self._transport = transport
        self._paths = Paths(version)
        self._batches = Batches(transport, self._paths)

    async def batch_read(
        self,
        object_name: str,
        ids: Collection[str],
        properties: Collection[str],
        *,
        id_property: str | None = None,
        history: Collection[str] = (),
    ) -> HubSpotRead:
        """Records by id, or by the value of a unique property (`email` finds secondary ones too).

        100 in a call, 50 with `history` (the properties whose past values are wanted).
        """
        return await batch_read(
            self._transport,
            self._paths,
            object_name,
            ids,
            properties,
            id_property=id_property,
            history=history,
        )

    async def read(
        self, object_name: str, record_id: str, properties: Collection[str]
    ) -> HubSpotRecord | None:
        """One record, None when there is none. A merged one is followed: its id is another."""
        return await read_one(self._transport, self._paths, object_name, record_id, properties)

    async def batch_create(
        self, object_name: str, inputs: Sequence[CreateInput]
    ) -> dict[str, WriteResult]:
        """New records. A contact whose e-mail exists is Refused with `existing_id` if known."""
        return await self._batches.create(object_name, inputs)

    async def batch_update(
        self, object_name: str, inputs: Sequence[UpdateInput]
    ) -> dict[str, WriteResult]:
        """New values. A record that was merged away is Refused with RECORD_OMITTED."""
        return await self._batches.update(object_name, inputs)

    async def batch_upsert(
        self, object_name: str, id_property: str, inputs: Sequence[UpsertInput]
    ) -> dict[str, WriteResult]:
        """Records by a unique property; repeating it makes no second record."""
        return await self._batches.upsert(object_name, id_property, inputs)

    async def search(
        self,
        object_name: str,
        *,
        filters: Sequence[Sequence[Filter]],
        properties: Collection[str],
        sort: str | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> SearchPage:
        """One page of the records that meet all filters of any group.

        `sort` is a property, with a leading "-" for descending. The index lags behind writes by
        moments. CrmFatalError search_window_exceeded beyond 10,000 results, search_too_large when
        the filters are more than HubSpot takes.
        """
        return await search(
            self._transport,
            self._paths,
            object_name,
            filters=filters,
            properties=properties,
            sort=sort,
            limit=limit,
            after=after,
        )

    async def archive(self, object_name: str, ids: Collection[str]) -> None:
        """Put records into the recycle bin; HubSpot never says that one did not exist."""
        path = self._paths.objects(object_name, "batch", "archive")

        async def send(part: Sequence[str]) -> None:
            body = {"inputs": [{"id": one} for one in part]}
            await self._transport.request("POST", path, json=body)

        await together(send, chunks(list(dict.fromkeys(ids)), BATCH_SIZE))

    async def properties(
        self, object_name: str, *, archived: bool = False
    ) -> list[PropertyDefinition]:
        """The live property definitions of a type, or those that are in the recycle bin."""
        return await list_properties(self._transport, self._paths, object_name, archived=archived)

    async def create_properties(
        self, object_name: str, definitions: Sequence[PropertyDefinition]
    ) -> dict[str, WriteResult]:
        """Properties by name, 100 in a call.

        One that exists is Written with created=False, and left as it is; one of that name in the
        recycle bin comes back with the new definition.
        """
        return await create_properties(self._transport, self._paths, object_name, definitions)

    async def ensure_group(self, object_name: str, name: str, label: str) -> None:
        """A property group of that name exists afterwards."""
        await ensure_group(self._transport, self._paths, object_name, name, label)

    async def pipelines(self, object_name: str) -> list[DealPipeline]:
        """The pipelines of a type that are in use, with their stages, in HubSpot's order."""
        return await list_pipelines(self._transport, self._paths, object_name)

    async def lists(self, object_type_id: str, query: str = "") -> FoundLists:
        """Lists of a type (`0-1` contacts, `0-2` companies) with `query` in their names.

        The first 500, deleted ones are not among them.
        """
        return await search_lists(self._transport, self._paths, object_type_id, query)

    async def list_by_id(self, list_id: str) -> RecordList | None:
        """One list, None when there is none or it was deleted."""
        return await read_list(self._transport, self._paths, list_id)

    async def owners(self) -> list[Owner]:
        """All owners that are not archived."""
        return await list_owners(self._transport, self._paths)

    async def associate(
        self,
        from_type: str,
        to_type: str,
        pairs: Sequence[Pair],
        *,
        type_id: int | None = None,
    ) -> dict[str, WriteResult]:
        """Associations, by `Pair.key`; repeating one changes nothing.

        Unlabelled ones, or of one of HubSpot's own types (facts: hubspot-api 7).
        """
        return await associate(
            self._transport, self._paths, from_type, to_type, pairs, type_id=type_id
        )

    async def associated(
        self, from_type: str, to_type: str, ids: Collection[str]
    ) -> dict[str, tuple[str, ...]]:
        """The ids that each record is associated with, in HubSpot's order; none is ()."""
        return await associated(self._transport, self._paths, from_type, to_type, ids)

    async def account(self) -> Account:
        """The portal's id, kind, time zone, currency and host of its pages."""
        return await read_account(self._transport, self._paths)
