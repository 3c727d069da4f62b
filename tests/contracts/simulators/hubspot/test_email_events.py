from typing import Any

import pytest

from tests.contracts.simulators.hubspot.driver import Json, Sim

EVENTS = "/email/public/v1/events"
DAY = 86_400_000
FIRST = 1_790_000_000_000
STORY = [
    {"type": "SENT", "recipient": "Ada@example.com", "at": FIRST, "subject": "Hello"},
    {"type": "DELIVERED", "recipient": "ada@example.com", "at": FIRST + 1_000},
    {"type": "OPEN", "recipient": "ada@example.com", "at": FIRST + DAY, "duration": 4_000},
    {
        "type": "CLICK",
        "recipient": "ada@example.com",
        "at": FIRST + DAY,
        "url": "https://example.com/price",
    },
    {"type": "SENT", "recipient": "bob@example.com", "at": FIRST, "campaign_id": 7},
    {
        "type": "BOUNCE",
        "recipient": "bob@example.com",
        "at": FIRST + 2 * DAY,
        "campaign_id": 7,
        "category": "UNKNOWN_USER",
        "response": "550 5.1.1 no such user",
    },
]


@pytest.fixture
def told(sim: Sim) -> list[str]:
    """Ids of the events of the story, in its order."""
    return list(sim.control("email-events", {"events": STORY})["ids"])


def _page(sim: Sim, **query: Any) -> Json:
    answer = sim.api.get(EVENTS, params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _types(sim: Sim, **query: Any) -> list[str]:
    return [one["type"] for one in _page(sim, **query)["events"]]


def test_events_come_latest_first_with_what_belongs_to_their_type(
    sim: Sim, told: list[str]
) -> None:
    page = _page(sim)
    assert page["hasMore"] is False
    kinds = [one["type"] for one in page["events"]]
    assert kinds == ["BOUNCE", "CLICK", "OPEN", "DELIVERED", "SENT", "SENT"]
    bounce, click, opened = page["events"][:3]
    assert bounce["category"] == "UNKNOWN_USER"
    assert bounce["emailCampaignId"] == 7
    assert click["url"] == "https://example.com/price"
    assert opened["sentBy"] == {"id": told[0], "created": FIRST}
    assert opened["filteredEvent"] is False
    sent = page["events"][-1]
    assert "sentBy" not in sent
    assert sent == {
        "appId": 113,
        "appName": "Batch",
        "created": FIRST,
        "emailCampaignId": 1001,
        "id": told[0],
        "portalId": 111,
        "recipient": "ada@example.com",
        "type": "SENT",
        "subject": "Hello",
    }


def test_pages_follow_an_opaque_offset(sim: Sim, told: list[str]) -> None:
    seen: list[str] = []
    page = _page(sim, limit=4)
    seen += [one["id"] for one in page["events"]]
    assert page["hasMore"] is True
    sim.control("email-events", {"events": [{"type": "OPEN", "recipient": "late@example.com"}]})
    page = _page(sim, limit=4, offset=page["offset"])
    seen += [one["id"] for one in page["events"]]
    assert page["hasMore"] is False
    assert sorted(seen) == sorted(told)


@pytest.mark.usefixtures("told")
def test_a_range_of_time_includes_both_ends(sim: Sim) -> None:
    assert _types(sim, startTimestamp=FIRST + DAY) == ["BOUNCE", "CLICK", "OPEN"]
    assert _types(sim, endTimestamp=FIRST) == ["SENT", "SENT"]
    both = {"startTimestamp": FIRST + 1_000, "endTimestamp": FIRST + DAY}
    assert _types(sim, **both) == ["CLICK", "OPEN", "DELIVERED"]


@pytest.mark.usefixtures("told")
def test_events_are_asked_for_by_recipient_campaign_type_and_application(sim: Sim) -> None:
    assert _types(sim, recipient="BOB@example.com") == ["BOUNCE", "SENT"]
    assert _types(sim, campaignId=7, appId=113) == ["BOUNCE", "SENT"]
    assert _types(sim, eventType="OPEN") == ["OPEN"]
    assert _types(sim, eventType="open") == []
    assert _types(sim, appId=1) == []


def test_filtered_events_are_left_out_on_demand(sim: Sim) -> None:
    event = {"type": "OPEN", "recipient": "ada@example.com", "filtered": True}
    sim.control("email-events", {"events": [event]})
    assert _page(sim)["events"][0]["filteredEvent"] is True
    assert _types(sim, excludeFilteredEvents="true") == []


def test_one_event_needs_its_time_with_its_id(sim: Sim, told: list[str]) -> None:
    assert sim.api.get(f"{EVENTS}/{FIRST + DAY}/{told[2]}").json()["type"] == "OPEN"
    assert sim.api.get(f"{EVENTS}/{FIRST}/{told[2]}").status_code == 404
    unread = sim.api.get(f"{EVENTS}/created/{told[2]}")
    assert unread.status_code == 400
    assert unread.json()["message"] == "Unable to parse value for path parameter: created"


@pytest.mark.parametrize(
    "query", [{"limit": 1001}, {"limit": "many"}, {"offset": "x"}, {"startTimestamp": "now"}]
)
def test_questions_that_cannot_be(sim: Sim, query: dict[str, str]) -> None:
    assert sim.api.get(EVENTS, params=query).status_code == 400


def test_ten_events_unless_more_are_asked_for(sim: Sim) -> None:
    one = {"type": "OPEN", "recipient": "ada@example.com"}
    sim.control("email-events", {"events": [one] * 11})
    assert len(_types(sim)) == 10
    assert len(_types(sim, limit=1000)) == 11


def test_events_need_the_scope_of_content(sim: Sim) -> None:
    token = sim.token(["oauth"])
    refused = sim.api.get(EVENTS, headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["context"]["requiredGranularScopes"] == ["content"]


def test_an_unknown_type_is_no_event(sim: Sim) -> None:
    body = {"events": [{"type": "YAWN", "recipient": "ada@example.com"}]}
    assert sim.api.post("/_control/email-events", json=body).status_code == 400
