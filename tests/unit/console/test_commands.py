from html import unescape
from typing import Any

import pytest

from services.console import gateways
from shared.security.tokens import Role
from shared.web.problems import Problem
from tests.unit.console import samples
from tests.unit.console.browser import Browser

ID = samples.CONNECTION_ID
HERE = f"/connections/{ID}"
RETRY = f"{HERE}/errors/{samples.PARKED_ID}/retry"
INSTALL = f"/api/v1/packages/{ID}/installations"
VERSION = "04t000000000001AAA"


def ordered(method: str, **other: Any) -> dict[str, Any]:
    return {
        "method": method,
        "audience": "admins",
        "grant_third_party_access": False,
        **other,
    }


COMMANDS: list[tuple[str, dict[str, str], str, Any, str]] = [
    (f"{HERE}/package", {}, INSTALL, ordered("deploy"), "has been ordered"),
    (
        f"{HERE}/package",
        {"method": "version", "version_id": f" {VERSION}", "audience": "all", "consent": "yes"},
        INSTALL,
        {
            "method": "version",
            "version_id": VERSION,
            "audience": "all",
            "grant_third_party_access": True,
        },
        "has been ordered",
    ),
    (f"{HERE}/package", {"method": "manual"}, INSTALL, ordered("manual"), "looks for the package"),
    (
        f"{HERE}/visualforce",
        {},
        f"/api/v1/packages/{ID}/visualforce",
        {"action": "skip"},
        "is skipped",
    ),
    (
        f"{HERE}/choice",
        {},
        f"/api/v1/setup/{ID}/choice",
        {"kind": "recommended"},
        "cannot have them: fax.",
    ),
    (f"{HERE}/finish", {}, f"/api/v1/setup/{ID}/finish", None, "the sync has started"),
    (
        f"{HERE}/finish",
        {"acknowledge": "yes"},
        f"/api/v1/setup/{ID}/finish",
        {"acknowledge": ["leads-and-companies"]},
        "the sync has started",
    ),
    (f"{HERE}/pause", {}, f"/api/v1/settings/{ID}/pause", None, "The sync is paused."),
    (
        f"{HERE}/pause",
        {"reason": "a release"},
        f"/api/v1/settings/{ID}/pause",
        {"reason": "a release"},
        "The sync is paused.",
    ),
    (f"{HERE}/resume", {}, f"/api/v1/settings/{ID}/resume", None, "The sync goes on."),
    (
        f"{HERE}/imports",
        {"side": "salesforce"},
        "/api/v1/imports",
        {"connection_id": ID, "side": "salesforce"},
        "The import has started.",
    ),
    (
        RETRY,
        {},
        f"/api/v1/errors/{samples.PARKED_ID}/retry",
        {"connection_id": ID},
        "is tried again now",
    ),
]
ADMINS = [f"{HERE}/package", f"{HERE}/visualforce", f"{HERE}/choice", f"{HERE}/finish"]
ADMINS += ["/connections", f"{HERE}/authorizations/hubspot"]
OPERATORS = [f"{HERE}/pause", f"{HERE}/resume", RETRY]


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_form_sends_its_command_and_leads_back(
    admin: Browser, command: tuple[str, dict[str, str], str, Any, str]
) -> None:
    path, fields, sent_to, body, said = command
    admin.backend.fill()
    page = await admin.submit_and_follow(path, **fields)
    assert admin.backend.commands == [(sent_to, body, "")]
    assert page.status_code == 200
    assert said in page.text
    assert 'role="status"' in page.text


async def test_a_message_is_shown_once_and_only_in_its_session(admin: Browser) -> None:
    admin.backend.fill()
    await admin.submit_and_follow(f"{HERE}/pause")
    assert "The sync is paused." not in (await admin.page(HERE)).text
    await admin.submit(f"{HERE}/pause")
    await admin.sign_in(Role.VIEWER)
    assert "The sync is paused." not in (await admin.page(HERE)).text


async def test_nobody_else_can_write_a_message(admin: Browser) -> None:
    admin.backend.fill()
    session = admin.http.cookies["causeway"]
    admin.http.cookies.set("causeway-flash", session, domain="console.test", path="/")
    page = (await admin.page(HERE)).text
    assert 'role="status"' not in page
    assert 'role="alert"' not in page


@pytest.mark.parametrize("path", [*ADMINS, *OPERATORS, f"{HERE}/imports"])
async def test_a_form_of_another_site_does_nothing(admin: Browser, path: str) -> None:
    admin.backend.fill()
    for forged in ({}, {"csrf": ""}, {"csrf": "forged"}):
        response = await admin.http.post(path, data={**forged, "side": "hubspot"})
        assert response.status_code == 403
        assert "not valid any more" in response.text
    assert admin.backend.commands == []


async def test_a_form_of_an_earlier_session_does_nothing(admin: Browser) -> None:
    csrf = await admin.csrf()
    await admin.sign_in()
    response = await admin.http.post(f"{HERE}/pause", data={"csrf": csrf})
    assert response.status_code == 403
    assert admin.backend.commands == []


@pytest.mark.parametrize(
    ("role", "allowed"), [(Role.VIEWER, []), (Role.OPERATOR, OPERATORS), (Role.ADMIN, None)]
)
async def test_roles_hold(visitor: Browser, role: Role, allowed: list[str] | None) -> None:
    visitor.backend.fill()
    await visitor.sign_in(role)
    for path in [*ADMINS, *OPERATORS]:
        response = await visitor.submit(path)
        may = allowed is None or path in allowed
        assert (response.status_code in {200, 303}) == may, path
        assert ("Your role does not allow this" in response.text) == (not may)
    expected = len([*ADMINS, *OPERATORS]) if allowed is None else len(allowed)
    assert len(visitor.backend.commands) == expected


async def test_a_visitor_can_do_nothing(visitor: Browser) -> None:
    for path in [*ADMINS, *OPERATORS]:
        response = await visitor.http.post(path, data={"csrf": "x"})
        assert (response.status_code, response.headers["location"]) == (303, "/sign-in")
    assert visitor.backend.commands == []


async def test_a_refusal_is_told_in_the_services_own_words(admin: Browser) -> None:
    admin.backend.fill()
    admin.backend.refusing = Problem(
        409, type="setup-incomplete", title="x", detail="Next: <b>install</b> the package."
    )
    page = await admin.submit_and_follow(f"{HERE}/finish")
    assert "That did not work." in page.text
    assert "Next: &lt;b&gt;install&lt;/b&gt; the package." in page.text
    for path in ("/connections", f"{HERE}/authorizations/salesforce"):
        page = await admin.submit_and_follow(path)
        assert "That did not work." in page.text


async def test_a_long_refusal_still_fits(admin: Browser) -> None:
    admin.backend.fill()
    for text in ("€", '"', "x"):
        admin.backend.refusing = Problem(409, type="x", title="x", detail=text * 5000)
        response = await admin.submit(f"{HERE}/finish")
        assert len(response.headers["set-cookie"]) < 4096
        page = (await admin.page(HERE)).text
        assert text * 800 in unescape(page)


async def test_a_silent_service_is_told_and_not_asked_twice(admin: Browser) -> None:
    admin.backend.fill()
    csrf = await admin.csrf()
    admin.backend.dead = {"mapping"}
    response = await admin.http.post(f"{HERE}/pause", data={"csrf": csrf})
    assert response.status_code == 303
    page = (await admin.page(HERE)).text
    assert "That did not work." in page
    assert "The service mapping does not answer" in page


async def test_a_token_that_ended_meanwhile_leads_to_the_sign_in_page(admin: Browser) -> None:
    admin.backend.fill()
    admin.backend.refusing = Problem(401, type="token-expired", title="x", detail="x")
    response = await admin.submit(f"{HERE}/pause")
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in")


async def test_a_connection_starts_with_the_link_for_hubspot(admin: Browser) -> None:
    response = await admin.submit(
        "/connections",
        environment="sandbox",
        salesforce_domain=" acme--dev.sandbox.my.salesforce.com ",
        request_key="k-1",
    )
    assert response.status_code == 200
    body = {
        "environment": "sandbox",
        "salesforce_domain": "acme--dev.sandbox.my.salesforce.com",
    }
    assert admin.backend.commands == [("/api/v1/connections", body, "k-1")]
    assert f'href="{samples.HUBSPOT_LINK}"' in response.text
    assert f'href="/connections/{ID}"' in response.text


async def test_a_side_can_be_connected_again(admin: Browser) -> None:
    admin.backend.fill()
    response = await admin.submit(f"{HERE}/authorizations/salesforce")
    path = f"/api/v1/connections/{ID}/authorizations/salesforce"
    assert admin.backend.commands == [(path, None, "")]
    assert f'href="https://causeway.example/{ID}/salesforce/ticket-2"' in response.text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/connections", {"environment": "moon"}),
        (f"{HERE}/authorizations/moon", {}),
        (f"{HERE}/package", {"method": "guess"}),
        (f"{HERE}/imports", {}),
        (f"{HERE}/imports", {"side": "moon"}),
        (f"{HERE}/pause", {"reason": "x" * 501}),
        (f"{HERE}/errors/x/retry", {}),
    ],
)
async def test_a_field_that_cannot_be_read_changes_nothing(
    admin: Browser, path: str, fields: dict[str, str]
) -> None:
    response = await admin.submit(path, **fields)
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert admin.backend.commands == []


async def test_forms_that_make_something_carry_a_key_of_their_own(admin: Browser) -> None:
    admin.backend.fill()
    pages = [(await admin.page(path)).text for path in ("/", "/", HERE)]
    keys = [page.split('name="request_key" value="')[1].split('"')[0] for page in pages]
    assert len(set(keys)) == 3


def test_a_command_is_waited_for_longer_than_a_page() -> None:
    assert gateways.COMMAND_SECONDS > gateways.PAGE_SECONDS
