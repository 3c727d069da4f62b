"""Several queries in one API call, with all their pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from shared.crm.answers import Json, member, members, object_of, text
from shared.crm.errors import CrmFatalError, CrmRetriableError
from shared.crm.gather import chunks, together
from shared.crm.salesforce.mapper import error_of
from shared.crm.transport import Transport

QUERIES_IN_A_COMPOSITE = 5
"""A composite takes 25 subrequests, five of them queries, and is one API call (facts:
salesforce-api 2.5)."""
MAX_PAGES = 100
"""200,000 rows at 2,000 a page (pages may be smaller); whoever needs more needs the Bulk API."""
_FIRST_ERROR_STATUS = 300


@dataclass(frozen=True, slots=True)
class _Cursor:
    query: int
    url: str
    page: int = 1


async def run_queries(
    transport: Transport, root: str, soqls: Sequence[str], *, include_deleted: bool
) -> list[list[Json]]:
    """See SalesforceClient.queries. `root` is `/services/data/v66.0`."""
    resource = "queryAll" if include_deleted else "query"
    rows: list[list[Json]] = [[] for _ in soqls]
    waiting = [
        _Cursor(n, f"{root}/{resource}?q={quote(soql, safe='')}") for n, soql in enumerate(soqls)
    ]

    async def run(part: Sequence[_Cursor]) -> list[_Cursor]:
        bodies = await _composite(transport, root, part)
        for cursor, body in zip(part, bodies, strict=True):
            rows[cursor.query] += members(body, "records")
        following = zip(part, (_next(body) for body in bodies), strict=True)
        return [_Cursor(known.query, url, known.page + 1) for known, url in following if url]

    while waiting:
        if max(cursor.page for cursor in waiting) > MAX_PAGES:
            raise CrmFatalError(
                f"A Salesforce query has more than {MAX_PAGES} pages. Ask for fewer rows, or use "
                "the Bulk API.",
                code="page_limit_exceeded",
            )
        parts = await together(run, chunks(waiting, QUERIES_IN_A_COMPOSITE))
        waiting = [cursor for part in parts for cursor in part]
    return rows


async def _composite(transport: Transport, root: str, part: Sequence[_Cursor]) -> list[Json]:
    """The bodies in the order asked; answers come in any order, each with its reference."""
    sent = [
        {"method": "GET", "url": cursor.url, "referenceId": f"q{n}"}
        for n, cursor in enumerate(part)
    ]
    body = {"allOrNone": False, "compositeRequest": sent}
    answer = object_of(await transport.request("POST", f"{root}/composite", json=body))
    found = {text(item, "referenceId"): item for item in members(answer, "compositeResponse")}
    return [_body(found.get(f"q{n}")) for n in range(len(part))]


def _body(item: Json | None) -> Json:
    status = item.get("httpStatusCode") if item is not None else None
    if item is None or not isinstance(status, int):
        raise CrmRetriableError(
            "Salesforce left a query of a composite unanswered; the call is made again.",
            code="crm_answer_unreadable",
        )
    if status >= _FIRST_ERROR_STATUS:
        raise error_of(status, item.get("body"))
    return member(item, "body")


def _next(body: Json) -> str:
    return "" if body.get("done") is True else text(body, "nextRecordsUrl")
