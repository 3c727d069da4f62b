from datetime import timedelta

import pytest

from services.console.api.entry import local_path
from shared.security.tokens import PEOPLE, Role, TokenKey, mint
from tests.unit.console.browser import NOW, Browser, deployment

COOKIE = "causeway"


async def test_a_visitor_is_led_to_the_sign_in_page_and_back(visitor: Browser) -> None:
    response = await visitor.page("/connections/0192f0aa-0000-7000-8000-000000000001")
    assert response.status_code == 303
    where = "/sign-in?next=/connections/0192f0aa-0000-7000-8000-000000000001"
    assert response.headers["location"] == where
    form = await visitor.page(where)
    assert 'name="goal" value="/connections/0192f0aa-0000-7000-8000-000000000001"' in form.text
    assert visitor.backend.read == []


async def test_a_token_signs_in(visitor: Browser) -> None:
    form = {
        "csrf": await visitor.csrf("/sign-in"),
        "token": f"  {visitor.token()}\n",
        "goal": "/connections/0192f0aa-0000-7000-8000-000000000001",
    }
    response = await visitor.http.post("/sign-in", data=form)
    assert response.status_code == 303
    assert response.headers["location"] == "/connections/0192f0aa-0000-7000-8000-000000000001"
    page = await visitor.page("/")
    assert page.status_code == 200
    assert "ada (admin)" in page.text


async def test_the_cookie_is_kept_from_scripts_and_other_sites(visitor: Browser) -> None:
    form = {"csrf": await visitor.csrf("/sign-in"), "token": visitor.token()}
    cookie = (await visitor.http.post("/sign-in", data=form)).headers["set-cookie"]
    assert cookie.startswith("causeway=")
    assert cookie.endswith("; HttpOnly; Path=/; SameSite=lax")


async def test_under_https_the_cookie_is_for_https_and_this_host_only() -> None:
    async with deployment("https://console.test").browser() as opened:
        cookie = (await opened.page("/sign-in")).headers["set-cookie"]
        assert cookie.startswith("__Host-causeway=")
        assert cookie.endswith("; HttpOnly; Path=/; SameSite=lax; Secure")


async def test_signing_in_makes_a_new_session(visitor: Browser) -> None:
    await visitor.page("/sign-in")
    before = visitor.http.cookies[COOKIE]
    csrf_before = await visitor.csrf("/sign-in")
    await visitor.sign_in()
    assert visitor.http.cookies[COOKIE] != before
    assert await visitor.csrf() != csrf_before


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("", "was not signed by this deployment"),
        ("not.a.token", "was not signed by this deployment"),
        ("x" * 3000, "longer than any sign-in token"),
    ],
)
async def test_a_wrong_token_is_explained(visitor: Browser, token: str, said: str) -> None:
    form = {"csrf": await visitor.csrf("/sign-in"), "token": token}
    response = await visitor.http.post("/sign-in", data=form)
    assert response.status_code == 400
    assert said in response.text
    assert (await visitor.page("/")).status_code == 303


async def test_a_token_of_another_key_an_expired_one_and_a_services_are_refused(
    visitor: Browser,
) -> None:
    foreign = mint(
        TokenKey.generate(),
        subject="eve",
        role=Role.ADMIN,
        audience=PEOPLE,
        lifetime=timedelta(hours=1),
        now=NOW,
    )
    expired = visitor.token()
    service = visitor.token(Role.SERVICE, audience="console")
    visitor.clock.at += timedelta(hours=8)
    for token, said in (
        (foreign, "was not signed by this deployment"),
        (expired, "has expired"),
        (service, "has expired"),
        (visitor.token(Role.SERVICE, audience="console"), "is a service&#39;s"),
        (visitor.token(Role.SERVICE, audience="quota"), "another service"),
    ):
        form = {"csrf": await visitor.csrf("/sign-in"), "token": token}
        response = await visitor.http.post("/sign-in", data=form)
        assert response.status_code == 400
        assert said in response.text
        assert token not in response.text


async def test_a_session_ends_with_its_token(admin: Browser) -> None:
    assert (await admin.page("/")).status_code == 200
    admin.clock.at += timedelta(hours=8, seconds=1)
    response = await admin.page("/")
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in")
    assert "Sign-in token" in (await admin.page("/sign-in")).text


async def test_nobody_is_signed_in_by_the_form_of_another_site(visitor: Browser) -> None:
    for csrf in ("", "forged", "ä"):
        form = {"csrf": csrf, "token": visitor.token()}
        response = await visitor.http.post("/sign-in", data=form)
        assert response.status_code == 400
        assert "open for too long" in response.text
    assert (await visitor.page("/")).status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "x.y", "W10=.", "a" * 5000])
async def test_a_made_up_cookie_is_nobody(visitor: Browser, cookie: str) -> None:
    visitor.http.cookies.set(COOKIE, cookie, domain="console.test", path="/")
    assert (await visitor.page("/")).status_code == 303


async def test_a_changed_cookie_is_nobody(admin: Browser) -> None:
    cookie = admin.http.cookies[COOKIE]
    payload, _, mac = cookie.strip('"').rpartition(".")
    for changed in (f"{payload}.{mac[:-1]}", f"A{payload}.{mac}", f"{mac}.{payload}"):
        admin.http.cookies.clear()
        admin.http.cookies.set(COOKIE, changed, domain="console.test", path="/")
        assert (await admin.page("/")).status_code == 303


async def test_signing_out_ends_the_session(admin: Browser) -> None:
    response = await admin.submit("/sign-out")
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in")
    assert (await admin.page("/")).status_code == 303


async def test_signing_out_takes_the_sessions_own_form(admin: Browser) -> None:
    response = await admin.http.post("/sign-out", data={"csrf": "forged"})
    assert response.status_code == 403
    assert (await admin.page("/")).status_code == 200
    assert (await admin.http.get("/sign-out")).status_code == 405


async def test_who_is_signed_in_needs_no_sign_in_page(admin: Browser) -> None:
    response = await admin.page("/sign-in?next=/connections/x")
    assert (response.status_code, response.headers["location"]) == (303, "/connections/x")


@pytest.mark.parametrize(
    ("goal", "path"),
    [
        ("/connections/1", "/connections/1"),
        ("/connections/1?cursor=x", "/connections/1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("\\\\evil.example", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(goal: str, path: str) -> None:
    assert local_path(goal) == path
