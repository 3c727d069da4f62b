"""Several small queries in one API call, each with a fate of its own (facts: salesforce-api 2.5).

`run_queries` is for queries that have to be answered; this is for questions of which an org may
not know some.
"""

from collections.abc import Mapping
from urllib.parse import quote

from shared.crm.answers import Json, member, members, object_of, text
from shared.crm.errors import CrmError, CrmRetriableError
from shared.crm.salesforce.mapper import error_of
from shared.crm.salesforce.queries import QUERIES_IN_A_COMPOSITE
from shared.crm.transport import Transport

_FIRST_ERROR_STATUS = 300

Answers = dict[str, list[Json] | CrmError]


async def ask_several(transport: Transport, root: str, soqls: Mapping[str, str]) -> Answers:
    """The rows of each query's first page, or its error, by the query's name.

    One API call; ValueError for more than five queries. Raises what befalls the call as a whole
    (no answer, no API access, a used-up quota).
    """
    if len(soqls) > QUERIES_IN_A_COMPOSITE:
        raise ValueError(f"a composite takes {QUERIES_IN_A_COMPOSITE} queries, not {len(soqls)}")
    names = list(soqls)
    sent = [
        {
            "method": "GET",
            "url": f"{root}/query?q={quote(soqls[name], safe='')}",
            "referenceId": f"q{n}",
        }
        for n, name in enumerate(names)
    ]
    body = {"allOrNone": False, "compositeRequest": sent}
    answer = object_of(await transport.request("POST", f"{root}/composite", json=body))
    found = {text(item, "referenceId"): item for item in members(answer, "compositeResponse")}
    return {name: _rows(found.get(f"q{n}", {})) for n, name in enumerate(names)}


def _rows(item: Json) -> list[Json] | CrmError:
    status = item.get("httpStatusCode")
    if not isinstance(status, int):
        return CrmRetriableError(
            "Salesforce left a query of a composite unanswered.", code="crm_answer_unreadable"
        )
    if status >= _FIRST_ERROR_STATUS:
        return error_of(status, item.get("body"))
    return members(member(item, "body"), "records")
