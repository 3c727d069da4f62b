"""Several queries in one call: what each of them comes to."""

from urllib.parse import parse_qs, urlsplit

import pytest

from shared.crm.errors import CrmFatalError, CrmRetriableError
from shared.crm.salesforce.several import ask_several
from tests.unit.crm.fakes import SalesforceLine, in_turn, reply

ROOT = "/services/data/v66.0"
ASKED = {"org": "SELECT Id FROM Organization", "right": "SELECT X FROM Y", "lost": "SELECT Z"}
ANSWER = {
    "compositeResponse": [
        {
            "referenceId": "q1",
            "httpStatusCode": 400,
            "body": [{"errorCode": "INVALID_FIELD", "message": "No such column"}],
        },
        {"referenceId": "q0", "httpStatusCode": 200, "body": {"records": [{"Id": "00D1"}]}},
    ]
}


async def test_each_query_has_a_fate_of_its_own() -> None:
    line = SalesforceLine(in_turn([reply(ANSWER)]))
    found = await ask_several(line.transport, ROOT, ASKED)
    assert found["org"] == [{"Id": "00D1"}]
    assert isinstance(found["right"], CrmFatalError)
    assert found["right"].code == "INVALID_FIELD"
    assert isinstance(found["lost"], CrmRetriableError)
    (body,) = line.bodies
    assert body["allOrNone"] is False
    urls = [one["url"] for one in body["compositeRequest"]]
    assert [parse_qs(urlsplit(url).query)["q"][0] for url in urls] == list(ASKED.values())


async def test_what_befalls_the_whole_call_is_raised() -> None:
    off = [{"errorCode": "API_DISABLED_FOR_ORG", "message": "not enabled"}]
    line = SalesforceLine(in_turn([reply(off, 403)]))
    with pytest.raises(CrmFatalError) as caught:
        await ask_several(line.transport, ROOT, ASKED)
    assert caught.value.code == "API_DISABLED_FOR_ORG"


async def test_a_composite_takes_five_queries() -> None:
    line = SalesforceLine(in_turn([]))
    with pytest.raises(ValueError, match="takes 5 queries, not 6"):
        await ask_several(line.transport, ROOT, {str(n): "SELECT Id FROM Lead" for n in range(6)})
