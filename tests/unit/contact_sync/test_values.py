import pytest

from services.contact_sync.domain.model import Kind, Owners
from services.contact_sync.domain.values import Unreadable, canonical, render
from shared.kernel.records import Side

OWNERS = Owners(hubspot={"7": "ann@x.test"}, salesforce={"005A": "ann@x.test", "005B": "bo@x.test"})


@pytest.mark.parametrize(
    ("kind", "hubspot", "salesforce"),
    [
        (Kind.TEXT, " Ada ", "Ada"),
        (Kind.TEXT, "a\r\nb", "a\nb"),
        (Kind.TEXT, "", None),
        (Kind.EMAIL, "ada@example.com", "Ada@Example.COM"),
        (Kind.NUMBER, "5", 5.0),
        (Kind.NUMBER, "1000000", 1e6),
        (Kind.NUMBER, "0.50", 0.5),
        (Kind.NUMBER, "0", -0.0),
        (Kind.BOOLEAN, "true", True),
        (Kind.BOOLEAN, "", False),
        (Kind.BOOLEAN, None, False),
        (Kind.DATE, "1767225600000", "2026-01-01"),
        (Kind.DATE, "2026-01-01", "2026-01-01"),
        (Kind.DATETIME, "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.000+0000"),
        (Kind.MULTI_PICKLIST, "b;a", "a;b"),
        (Kind.OWNER, "7", "005A"),
    ],
)
def test_the_same_thing_in_both_spellings_is_equal(
    kind: Kind, hubspot: object, salesforce: object
) -> None:
    left = canonical(kind, hubspot, Side.HUBSPOT, OWNERS)
    right = canonical(kind, salesforce, Side.SALESFORCE, OWNERS)

    assert left == right
    assert not isinstance(left, Unreadable)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (Kind.NUMBER, "twelve"),
        (Kind.NUMBER, "NaN"),
        (Kind.DATE, "31.12.2026"),
        (Kind.DATETIME, "yesterday"),
        (Kind.BOOLEAN, "perhaps"),
        (Kind.OWNER, "99"),
    ],
)
def test_what_cannot_be_read_says_why_without_the_value(kind: Kind, raw: str) -> None:
    problem = canonical(kind, raw, Side.HUBSPOT, OWNERS)

    assert isinstance(problem, Unreadable)
    assert raw not in problem.why


def test_blank_is_written_as_each_side_wants_it() -> None:
    assert render(Kind.TEXT, None, Side.HUBSPOT, OWNERS) == ""
    assert render(Kind.TEXT, None, Side.SALESFORCE, OWNERS) is None


def test_salesforce_gets_json_types() -> None:
    assert render(Kind.BOOLEAN, "true", Side.SALESFORCE, OWNERS) is True
    assert render(Kind.NUMBER, "5", Side.SALESFORCE, OWNERS) == 5
    assert render(Kind.NUMBER, "5.5", Side.SALESFORCE, OWNERS) == 5.5


def test_an_owner_without_counterpart_cannot_be_written() -> None:
    assert render(Kind.OWNER, "ann@x.test", Side.HUBSPOT, OWNERS) == "7"
    assert isinstance(render(Kind.OWNER, "bo@x.test", Side.HUBSPOT, OWNERS), Unreadable)
