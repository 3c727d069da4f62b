import asyncio
import re
from typing import Any

import pytest

from services.console import gateways
from services.console.gateways import PeerServices
from services.console.ports import SilentError
from shared.security.tokens import Role
from shared.web.peers import Peer
from tests.unit.console import samples
from tests.unit.console.browser import Browser

HERE = f"/connections/{samples.CONNECTION_ID}"
RECORD = f"{HERE}/records/{samples.LINK_ID}"
PAGES = [
    "/",
    HERE,
    f"{HERE}/records",
    RECORD,
    f"{HERE}/journal",
    f"{HERE}/errors",
    f"{HERE}/activities",
    f"{HERE}/waiting-activities",
    f"{HERE}/settings",
]
SERVICES = ["package_watcher", "mapping", "quota", "contact_sync", "activity_sync"]


def plain(html: str) -> str:
    """The text of a page as a reader sees it, roughly."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/", ["HubSpot 111 ↔ Salesforce 00D000000000001EAA", "Sync is running", "1,234"]),
        ("/", ["7,200 of 9,000 calls used in the last 24 hours (80 %).", "1,800 left."]),
        ("/", ["480 calls in the last 24 hours; there is no daily limit."]),
        (HERE, ["6 of 6 steps are done", "Pause the sync", "25,000", "All records read"]),
        (HERE, ["24 Nov 2026, 17:40:00 UTC (2 hours ago)", "live 7,000, import 200"]),
        (f"{HERE}/records", ["Contact 003000000000001AAA", "Mate → , after: Captain"]),
        (f"{HERE}/records", ["Prefer Salesforce unless blank", "it was cleared in Salesforce"]),
        (RECORD, ["What both sides agreed on last", "jobtitle Captain", "Written"]),
        (f"{HERE}/journal", ["Updated in HubSpot", "Cause: Salesforce reported: updated."]),
        (f"{HERE}/errors", ["No email", "no_email", "The record has no e-mail address", "Retry"]),
        (f"{HERE}/activities", ["Created in Salesforce", "Call back"]),
        (f"{HERE}/waiting-activities", ["Person unknown", "is not linked yet"]),
        (f"{HERE}/settings", ["Version 3", "become a lead in Salesforce", "Lead, Contact"]),
    ],
)
async def test_a_page_shows_what_the_services_tell(
    admin: Browser, path: str, shown: list[str]
) -> None:
    admin.backend.fill()
    response = await admin.page(path)
    assert response.status_code == 200
    assert [text for text in shown if text not in plain(response.text)] == []


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/", "Nothing is connected yet"),
        (HERE, "There has been no import yet."),
        (f"{HERE}/records", "No records are linked yet"),
        (f"{HERE}/journal", "Nothing has been written yet"),
        (f"{HERE}/errors", "No errors"),
        (f"{HERE}/activities", "No activities have crossed over yet"),
        (f"{HERE}/waiting-activities", "No activity waits"),
        (f"{HERE}/settings", "No settings yet"),
    ],
)
async def test_an_empty_page_says_what_to_do(admin: Browser, path: str, shown: str) -> None:
    if path != "/":
        admin.backend.connections[samples.CONNECTION_ID] = samples.connection()
    response = await admin.page(path)
    assert response.status_code == 200
    assert shown in plain(response.text)


@pytest.mark.parametrize("path", [path for path in PAGES if path != RECORD])
async def test_every_page_stands_when_all_services_are_silent(admin: Browser, path: str) -> None:
    admin.backend.fill()
    admin.backend.dead = {*SERVICES, "connection"}
    response = await admin.page(path)
    assert response.status_code == 200
    assert "This part is missing." in response.text
    assert "does not answer (ConnectError)" in response.text


@pytest.mark.parametrize("service", SERVICES)
async def test_a_silent_service_costs_its_own_part_only(admin: Browser, service: str) -> None:
    admin.backend.fill()
    admin.backend.dead = {service}
    seen = plain((await admin.page(HERE)).text)
    assert (f"The service {service} does not answer" in seen) == (service != "activity_sync")
    assert ("Pause the sync" in seen) == (service != "mapping")
    assert ("1,234" in seen) == (service != "contact_sync")
    assert ("1,800 left." in seen) == (service != "quota")


async def test_the_sync_can_be_paused_while_the_connection_service_is_away(admin: Browser) -> None:
    admin.backend.fill()
    admin.backend.dead = {"connection"}
    seen = plain((await admin.page(HERE)).text)
    assert f"Connection {samples.CONNECTION_ID}" in seen
    assert "Pause the sync" in seen


async def test_an_answer_that_is_no_json_is_a_silent_service(admin: Browser) -> None:
    admin.backend.fill()
    admin.backend.garbled = {"quota"}
    response = await admin.page(HERE)
    assert response.status_code == 200
    assert "The service quota answered something that is not JSON." in response.text


@pytest.mark.parametrize("answer", [None, [], "x", 7, {"items": 3}, {"items": [None, 1, {}]}])
async def test_an_answer_of_another_shape_breaks_no_page(admin: Browser, answer: Any) -> None:
    admin.backend.fill()
    odd = answer if isinstance(answer, dict) else {"odd": answer}
    here = samples.CONNECTION_ID
    admin.backend.setups[here] = admin.backend.packages[here] = {**odd, "steps": answer}
    admin.backend.quotas[here] = {"salesforce": {"used": answer, "hours": answer, "left": answer}}
    admin.backend.settings[here] = {"mappings": answer, "contacts": answer, "activities": answer}
    admin.backend.waiting = {"records": answer}
    admin.backend.records = [{"id": samples.LINK_ID, "hubspot_id": "70001", "base": answer}]
    admin.backend.journal = [{"hubspot_id": "70001", "fields": answer, "cause": answer}]
    admin.backend.errors = admin.backend.imports = [{"id": answer, "at": answer}]
    admin.backend.activities = {"written": [odd], "waiting": [odd]}
    for path in PAGES:
        assert (await admin.page(path)).status_code == 200, path


async def test_a_connection_that_does_not_exist_is_a_page_of_its_own(admin: Browser) -> None:
    for path in (HERE, f"{HERE}/records", RECORD):
        response = await admin.page(path)
        assert response.status_code == 404
        assert "It was removed." in response.text
        assert "Go to the overview" in response.text


async def test_an_address_that_cannot_be_read_is_a_page_too(admin: Browser) -> None:
    response = await admin.page("/connections/not-an-id")
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html; charset=utf-8"


async def test_a_record_of_a_silent_service_is_a_page_that_says_so(admin: Browser) -> None:
    admin.backend.fill()
    admin.backend.dead = {"contact_sync"}
    response = await admin.page(RECORD)
    assert response.status_code == 503
    assert "The service contact_sync does not answer" in response.text


async def test_a_service_that_hangs_does_not_hold_the_page(
    admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateways, "PAGE_SECONDS", 0.01)
    never = asyncio.Event()

    class Hanging(Peer):
        async def request(self, *_args: Any, **_more: Any) -> Any:
            await never.wait()

    peer = object.__new__(Hanging)
    caller = PeerServices(lambda _: peer).as_person("token")
    with pytest.raises(SilentError, match=r"quota did not answer within 0\.01 seconds"):
        await caller.get("quota", "/x")


def test_nobody_is_asked_without_a_persons_token() -> None:
    services = PeerServices(lambda _: object.__new__(Peer))
    with pytest.raises(ValueError, match="that person's token"):
        services.as_person("")


async def test_lists_lead_to_the_next_page(admin: Browser) -> None:
    admin.backend.fill()
    admin.backend.next_cursor = 'a"&b'
    page = (await admin.page(f"{HERE}/journal")).text
    assert f'href="{HERE}/journal?cursor=a%22%26b"' in page
    assert "Back to the first page" not in page
    page = (await admin.page(f"{HERE}/records?cursor=x")).text
    assert "Back to the first page" in page
    page = (await admin.page("/")).text
    assert 'href="/?cursor=a%22%26b"' in page
    assert ">1+</a>" in page


async def test_a_write_of_many_fields_is_folded(admin: Browser) -> None:
    admin.backend.fill()
    field = samples.write()["fields"][0]
    for count, folded in ((6, False), (7, True)):
        admin.backend.journal = [samples.write(fields=[field] * count)]
        page = (await admin.page(f"{HERE}/journal")).text
        assert page.count("<bdi>Captain</bdi>") == count
        assert ("<details><summary>7 fields</summary>" in page) == folded


async def test_a_setup_shows_its_open_step_and_its_buttons(admin: Browser) -> None:
    here = samples.CONNECTION_ID
    admin.backend.connections[here] = samples.connection()
    expected = {
        0: ["Connect again HubSpot", "Do the connect step."],
        2: ["Do the visualforce step.", "Skip it"],
        3: ["Do the choice step.", "Use the recommended settings"],
        4: ["Read the settings and field mappings", "Finish and start the sync"],
    }
    for done, texts in expected.items():
        admin.backend.setups[here] = samples.setup(done=done)
        seen = plain((await admin.page(HERE)).text)
        assert [text for text in [*texts, f"{done} of 6 steps"] if text not in seen] == []
    admin.backend.setups[here] = samples.setup(done=2)
    assert "Next: Window inside Salesforce records." in plain((await admin.page("/")).text)


async def test_an_installation_is_watched(admin: Browser) -> None:
    here = samples.CONNECTION_ID
    admin.backend.connections[here] = samples.connection()
    admin.backend.setups[here] = samples.setup(done=1)
    admin.backend.packages[here] = samples.package("installing")
    page = (await admin.page(HERE)).text
    assert '<progress id="package-progress" max="100" value="42">' in page
    assert 'data-look-again-seconds="5"' in page
    assert "Install it for me" not in page
    admin.backend.packages[here] = samples.package(
        "failed",
        salesforce_said="INSUFFICIENT_ACCESS",
        todo="Give the user the permission.",
        failures=[{"component": "Lead.X__c", "problem": "no access", "hint": "Give access."}],
    )
    seen = plain((await admin.page(HERE)).text)
    for text in ("INSUFFICIENT_ACCESS", "Lead.X__c", "Give access.", "Install it again"):
        assert text in seen


async def test_a_connection_nobody_has_told_of_yet_begins_with_connecting(admin: Browser) -> None:
    here = samples.CONNECTION_ID
    missing = {"state": "missing", "broken_reason": None}
    admin.backend.connections[here] = samples.connection(
        state="pending", portal_id=None, org_id=None, hubspot=missing, salesforce=missing
    )
    seen = plain((await admin.page(HERE)).text)
    for text in ("New connection (production)", "Not connected yet", "Connect HubSpot"):
        assert text in seen


async def test_a_broken_side_is_told_first(admin: Browser) -> None:
    admin.backend.fill()
    here = samples.CONNECTION_ID
    broken = {"state": "broken", "broken_reason": "The grant was revoked."}
    admin.backend.connections[here] = samples.connection(state="broken", hubspot=broken)
    for path in ("/", HERE):
        seen = plain((await admin.page(path)).text)
        assert "HubSpot has to be connected again. The grant was revoked." in seen


@pytest.mark.parametrize(
    ("role", "buttons"),
    [
        (Role.VIEWER, set()),
        (Role.OPERATOR, {"pause", "imports", "retry"}),
        (Role.ADMIN, {"pause", "imports", "retry", "authorizations/hubspot", "connections"}),
    ],
)
async def test_a_person_sees_only_the_buttons_of_their_role(
    visitor: Browser, role: Role, buttons: set[str]
) -> None:
    visitor.backend.fill()
    await visitor.sign_in(role)
    text = "".join([(await visitor.page(path)).text for path in PAGES])
    actions = set(re.findall(r'<form[^>]* action="([^"]+)"', text)) - {"/sign-out"}
    for button in ("pause", "imports", "retry", "authorizations/hubspot", "connections"):
        assert any(action.endswith(f"/{button}") for action in actions) == (button in buttons)
    assert bool(actions) == bool(buttons)
