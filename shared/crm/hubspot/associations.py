"""Which records belong together (facts: hubspot-api 7)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared.crm.answers import Json, member, members, object_of, text
from shared.crm.bulk import Answered, write_all
from shared.crm.errors import CrmFatalError
from shared.crm.gather import chunks, together
from shared.crm.hubspot.complaints import complaint_from
from shared.crm.hubspot.mapper import NAME
from shared.crm.hubspot.paths import Paths
from shared.crm.transport import Transport
from shared.crm.writes import WriteResult, Written

WRITE_SIZE = 1000
"""HubSpot takes 2,000; half of it keeps one answer well below a megabyte."""
READ_SIZE = 1000
MAX_PAGES = 50
"""Follow-up reads for records with very many associations (500 a page)."""
NONE_FOUND = "crm.associations.NO_ASSOCIATIONS_FOUND"
_ITEM_STATUS = 400


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records to associate; its `key` is `<from>:<to>`."""

    from_id: str
    to_id: str

    @property
    def key(self) -> str:
        """The pair's name in the results."""
        return f"{self.from_id}:{self.to_id}"

    @property
    def fields(self) -> Collection[str]:
        """A pair writes no field."""
        return ()


async def associate(
    transport: Transport,
    paths: Paths,
    from_type: str,
    to_type: str,
    pairs: Sequence[Pair],
    *,
    type_id: int | None = None,
) -> dict[str, WriteResult]:
    """See HubSpotClient.associate."""
    what = ("associate", "default") if type_id is None else ("create",)
    path = paths.associations(from_type, to_type, "batch", *what)
    own = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
    more = {} if type_id is None else {"types": [own]}

    async def send(rows: Sequence[Pair]) -> Answered[Pair]:
        sent = [{"from": {"id": row.from_id}, "to": {"id": row.to_id}, **more} for row in rows]
        return _read(object_of(await transport.request("POST", path, json={"inputs": sent})), rows)

    return await write_all(list(dict.fromkeys(pairs)), send, size=WRITE_SIZE, crm=NAME)


def _read(body: Json, rows: Sequence[Pair]) -> Answered[Pair]:
    """A pair is written when it is among the results, which hold its reverse as well."""
    done = {(_end(result, "from"), _end(result, "to")) for result in members(body, "results")}
    results: dict[str, WriteResult] = {}
    for row in rows:
        if (row.from_id, row.to_id) in done:
            results[row.key] = Written(row.key, row.key, created=False)
    errors = members(body, "errors")
    left = [row for row in rows if row.key not in results] if errors else []
    if len(left) == 1:
        complaint = complaint_from(errors[0], status=_ITEM_STATUS)
        return Answered({**results, left[0].key: complaint.refused(left[0].key)})
    return Answered(results, left)


def _end(result: Json, name: str) -> str:
    """An end of an association; those with a label are told in a flatter shape."""
    return text(member(result, name), "id") or text(result, f"{name}ObjectId")


async def associated(
    transport: Transport, paths: Paths, from_type: str, to_type: str, ids: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """See HubSpotClient.associated."""
    path = paths.associations(from_type, to_type, "batch", "read")
    asked = list(dict.fromkeys(ids))
    found: dict[str, list[str]] = {one: [] for one in asked}

    async def read(part: Sequence[Json]) -> list[Json]:
        body = object_of(await transport.request("POST", path, json={"inputs": list(part)}))
        more: list[Json] = []
        for result in members(body, "results"):
            source = _end(result, "from")
            found.setdefault(source, []).extend(
                text(to, "toObjectId") for to in members(result, "to")
            )
            after = text(member(member(result, "paging"), "next"), "after")
            more += [{"id": source, "after": after}] if after else []
        return more

    waiting: list[Json] = [{"id": one} for one in asked]
    for _page in range(MAX_PAGES):
        parts = await together(read, chunks(waiting, READ_SIZE))
        waiting = [one for part in parts for one in part]
        if not waiting:
            return {source: tuple(dict.fromkeys(ends)) for source, ends in found.items()}
    raise CrmFatalError(
        f"A HubSpot record has more than {MAX_PAGES} pages of associations with {to_type}.",
        code="page_limit_exceeded",
    )
