"""The page inside a record: whom it lets in, what it shows, and that it shows no value."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from services.console.domain.record_page import (
    RequestRefusedError,
    Visit,
    framers,
    visit_of,
)
from tests.unit.console import samples
from tests.unit.console.browser import CONSUMER_SECRET, NOW, Browser
from tests.unit.console.canvas import LEAD, ORG, context, payload, signed, signed_text
from tests.unit.console.test_hostile import HOSTILE

PATH = "/salesforce/canvas"
FRAMED = (
    "frame-ancestors https://acme.my.salesforce.com https://acme.lightning.force.com "
    "https://acme--c.vf.force.com"
)


@pytest.fixture
def frame(visitor: Browser) -> Browser:
    """A browser without a session, and a deployment that has worked with the lead."""
    backend = visitor.backend
    backend.fill()
    backend.records = [samples.link() | {"salesforce_id": LEAD, "hubspot_id": "501"}]
    backend.journal = [samples.write() | {"salesforce_id": LEAD, "hubspot_id": "501"}]
    backend.timeline = {
        "501": [{"kind": "form_submission", "occurred_at": "2026-11-24T18:40:00+00:00"}]
    }
    return visitor


async def opened(frame: Browser, content: object = None, **secret: str) -> httpx2.Response:
    form = {"signed_request": signed(payload() if content is None else content, **secret)}
    return await frame.http.post(PATH, data=form)


def refusal(signed_request: str, *, now: datetime = NOW, secret: str = CONSUMER_SECRET) -> str:
    with pytest.raises(RequestRefusedError) as refused:
        visit_of(signed_request, secret=secret, now=now)
    return refused.value.code


async def test_the_record_is_shown(frame: Browser) -> None:
    answer = await opened(frame)
    text = answer.text
    assert answer.status_code == 200
    assert "HubSpot 111" in text
    assert "501" in text
    assert "Form submission" in text
    assert f"/connections/{samples.CONNECTION_ID}/records/{samples.LINK_ID}" in text
    assert "<script" not in text
    assert "style=" not in text


async def test_no_value_of_any_field_is_shown(frame: Browser) -> None:
    secret = "a value that field-level security may hide"
    write = samples.write() | {"salesforce_id": LEAD, "hubspot_id": "501"}
    write["fields"] = [
        {"field": "phone", "before": secret, "after": secret, "rule": "two_way", "why": secret}
    ]
    frame.backend.journal = [write]
    frame.backend.records[0]["base"] = {"phone": secret}
    text = (await opened(frame)).text
    assert "phone" in text
    assert secret not in text


async def test_only_the_org_s_own_pages_may_frame_it(frame: Browser) -> None:
    answer = await opened(frame)
    policy = answer.headers["content-security-policy"]
    assert policy.endswith(FRAMED)
    assert policy.startswith("default-src 'none'; style-src 'self'; form-action 'none'")
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers


async def test_a_record_without_a_link_says_when_it_gets_one(frame: Browser) -> None:
    frame.backend.records = []
    frame.backend.journal = []
    text = (await opened(frame)).text
    assert "not linked to a HubSpot contact" in text
    assert "Nothing was written yet" in text


async def test_every_portal_of_the_org_has_its_panel(frame: Browser) -> None:
    other = "0192f0aa-0000-7000-8000-00000000000f"
    frame.backend.connections[other] = samples.connection(id=other, portal_id="222")
    text = (await opened(frame)).text
    assert "HubSpot 111" in text
    assert "HubSpot 222" in text


@pytest.mark.parametrize("dead", ["contact_sync", "activity_sync"])
async def test_a_silent_service_costs_its_part(frame: Browser, dead: str) -> None:
    frame.backend.dead = {dead}
    answer = await opened(frame)
    assert answer.status_code == 200
    assert "This part is missing" in answer.text


async def test_without_the_connections_there_is_no_page(frame: Browser) -> None:
    frame.backend.dead = {"connection"}
    answer = await opened(frame)
    assert answer.status_code == 503
    assert "Reload the record in a minute" in answer.text


async def test_it_reads_only_and_as_the_console(frame: Browser) -> None:
    await opened(frame)
    assert frame.backend.commands == []
    assert set(frame.backend.read) == {
        "/api/v1/connections",
        "/api/v1/records",
        "/api/v1/journal",
        "/api/v1/activities/timeline",
    }


async def test_a_forged_signature_gets_nothing(frame: Browser) -> None:
    answer = await opened(frame, secret="somebody else's")
    assert answer.status_code == 403
    assert "consumer secret" in answer.text
    assert frame.backend.read == []
    assert CONSUMER_SECRET not in answer.text


async def test_a_request_of_another_org_gets_nothing(frame: Browser) -> None:
    answer = await opened(frame, payload(context=context(org_id="00D000000000009EAA")))
    assert answer.status_code == 403
    assert "not connected" in answer.text
    assert set(frame.backend.read) == {"/api/v1/connections"}


async def test_a_replay_ends_with_the_session(frame: Browser) -> None:
    form = {"signed_request": signed(payload())}
    assert (await frame.http.post(PATH, data=form)).status_code == 200
    frame.clock.at = NOW + timedelta(hours=25)
    answer = await frame.http.post(PATH, data=form)
    assert answer.status_code == 403
    assert "too long ago" in answer.text


async def test_a_link_of_somebody_is_no_way_in(frame: Browser) -> None:
    """Without a signed request there is an explanation for an admin, and no record."""
    answer = await frame.page(PATH)
    assert answer.status_code == 403
    assert "pre-authorized" in answer.text
    empty = await frame.http.post(PATH, data={})
    assert empty.status_code == 400
    assert frame.backend.read == []


async def test_what_is_shown_is_escaped(frame: Browser) -> None:
    link = frame.backend.records[0]
    frame.backend.records = [
        {**link, "hubspot_id": HOSTILE, "id": HOSTILE, "ambiguous": True, "salesforce_id": LEAD}
    ]
    write = samples.write(error=HOSTILE) | {"salesforce_id": LEAD, "hubspot_id": "501"}
    write |= {"side": HOSTILE, "operation": HOSTILE, "status": HOSTILE}
    write["fields"] = [{"field": HOSTILE, "before": None, "after": None, "rule": "", "why": ""}]
    frame.backend.journal = [write]
    frame.backend.timeline = {HOSTILE: [{"kind": HOSTILE, "occurred_at": HOSTILE}]}
    here = samples.CONNECTION_ID
    frame.backend.connections[here] = samples.connection(portal_id=HOSTILE)
    text = (await opened(frame)).text
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text


async def test_an_instance_cannot_write_the_policy(frame: Browser) -> None:
    here = samples.CONNECTION_ID
    for url in ("https://evil.example; script-src *", "javascript:alert(1)", "https://x/ 'self'"):
        frame.backend.connections[here] = samples.connection(instance_url=url)
        policy = (await opened(frame)).headers["content-security-policy"]
        assert policy.count(";") == 4
        assert policy.endswith(("frame-ancestors 'none'", "frame-ancestors https://x"))


@pytest.mark.parametrize(
    "content",
    [
        "",
        ".",
        "nodot",
        "a.b.c",
        "=.=",
        "é.é",
        signed(payload()) + "x",
        signed(payload())[1:],
        "." + signed(payload()).partition(".")[2],
        signed_text("not base64!"),
        signed_text(base64.b64encode(b"{").decode()),
        signed_text(base64.b64encode(b"[" * 20_000).decode()),
        signed([1, 2]),
        signed("text"),
        signed(payload(algorithm="none")),
        signed(payload(algorithm=None)),
        "a" * 70_000,
    ],
)
def test_what_is_no_signed_request(content: str) -> None:
    assert refusal(content) == "request_forged"


def test_an_empty_secret_opens_nothing() -> None:
    assert refusal(signed(payload(), secret=""), secret="") == "request_forged"


@pytest.mark.parametrize(
    "issued",
    [
        int(NOW.timestamp()),
        int(NOW.timestamp() * 1000),
        int(NOW.timestamp()) - 86_000,
        int(NOW.timestamp()) + 200,
        (int(NOW.timestamp() * 1000) - 60_000 + 2**31) % 2**32 - 2**31,
    ],
)
def test_a_young_request_is_let_in_however_its_age_is_written(issued: int) -> None:
    request = signed(payload(issuedAt=issued))
    assert visit_of(request, secret=CONSUMER_SECRET, now=NOW) == Visit(ORG, LEAD, "Lead")


@pytest.mark.parametrize(
    "issued",
    [
        int(NOW.timestamp()) - 90_000,
        int(NOW.timestamp()) + 4_000,
        0,
        10**30,
        None,
        "now",
        True,
        1.5,
    ],
)
def test_an_old_request_is_refused(issued: Any) -> None:
    assert refusal(signed(payload(issuedAt=issued))) == "request_too_old"


@pytest.mark.parametrize(
    "where",
    [
        context(""),
        context("001000000000001AAA"),
        context("00Q00000000000"),
        context("00Q000000000001AAA'"),
        context(LEAD, parameter="00Q000000000002AAA"),
        context(LEAD, org_id="not an org"),
        {},
        None,
    ],
)
def test_what_is_about_no_record_that_has_a_window(where: Any) -> None:
    assert refusal(signed(payload(context=where))) == "no_record"


def test_a_record_may_be_named_by_either_form_of_its_id() -> None:
    for where in (context("", parameter=LEAD[:15]), context(LEAD, parameter=LEAD[:15])):
        found = visit_of(signed(payload(context=where)), secret=CONSUMER_SECRET, now=NOW)
        assert found.record_id[:15] == LEAD[:15]


async def test_a_short_id_is_looked_up_by_its_long_form(frame: Browser) -> None:
    short = payload(context=context("", parameter=LEAD[:15]))
    assert "501" in (await opened(frame, short)).text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://acme--uat.sandbox.my.salesforce.com",
            (
                "https://acme--uat.sandbox.my.salesforce.com",
                "https://acme--uat.sandbox.lightning.force.com",
                "https://acme--uat--c.sandbox.vf.force.com",
            ),
        ),
        ("http://127.0.0.1:8123", ("http://127.0.0.1:8123",)),
        ("https://eu12.salesforce.com", ("https://eu12.salesforce.com",)),
        ("", ()),
        ("ftp://acme.my.salesforce.com", ()),
        ("https://a b.example", ()),
    ],
)
def test_who_may_frame(url: str, expected: tuple[str, ...]) -> None:
    assert framers(url) == expected


def test_the_signature_is_over_the_text_as_it_was_sent() -> None:
    """Split at the first period: the encoded text is what counts, not what it says."""
    spaced = base64.b64encode(json.dumps(payload(), indent=1).encode()).decode()
    found = visit_of(signed_text(spaced), secret=CONSUMER_SECRET, now=NOW.astimezone(UTC))
    assert found.record_id == LEAD
