"""Whatever the CRMs hold, a page shows it as text; whatever a page is, nothing runs inline."""

import logging
import re
from typing import Any

import pytest

from shared.security.tokens import Role
from tests.unit.console import samples
from tests.unit.console.browser import SESSION_KEY, Browser
from tests.unit.console.test_pages import PAGES

HOSTILE = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>{{7*7}}"


def hostile(value: Any) -> Any:
    """The same answer with every text replaced, ids and states as well."""
    if isinstance(value, dict):
        return {name: hostile(item) for name, item in value.items()}
    if isinstance(value, list):
        return [hostile(item) for item in value]
    return HOSTILE if isinstance(value, str) else value


async def test_every_value_is_escaped(admin: Browser) -> None:
    admin.backend.fill()
    here = samples.CONNECTION_ID
    admin.backend.connections[here] = hostile(samples.connection())
    admin.backend.setups[here] = hostile(samples.setup(done=1))
    admin.backend.setups[here]["steps"][1]["state"] = "open"
    admin.backend.packages[here] = hostile(
        samples.package("x", failures=[{"component": "x", "problem": "x", "hint": "x"}])
    )
    admin.backend.settings[here] = hostile(samples.settings())
    admin.backend.quotas[here] = hostile(samples.quota())
    admin.backend.records = [{**hostile(samples.link()), "id": samples.LINK_ID}]
    admin.backend.journal = [hostile(samples.write(error="x"))]
    admin.backend.errors = [hostile(samples.parked(field="x"))]
    admin.backend.imports = [hostile(samples.one_import(problem="x"))]
    admin.backend.activities = {
        "written": [hostile(samples.activity())],
        "waiting": [hostile(samples.waiting_activity())],
    }
    for path in PAGES:
        text = (await admin.page(path)).text
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        assert "&lt;script&gt;" in text, path
        assert re.findall(r"<script[^>]*>", text) == [
            '<script src="' + re.findall(r'<script src="([^"]+)"', text)[0] + '" defer>'
        ]


async def test_only_web_addresses_become_links(admin: Browser) -> None:
    admin.backend.fill()
    here = samples.CONNECTION_ID
    admin.backend.connections[here] = samples.connection(instance_url="javascript:alert(1)")
    admin.backend.packages[here] = samples.package("failed", install_link="javascript:alert(1)")
    for path in PAGES:
        assert 'href="javascript' not in (await admin.page(path)).text


async def test_a_link_of_an_authorization_is_only_followed_to_the_web(admin: Browser) -> None:
    response = await admin.submit("/connections", environment="production")
    assert f'<a class="button" href="{samples.HUBSPOT_LINK}"' in response.text


async def test_the_policy_lets_nothing_in(admin: Browser) -> None:
    admin.backend.fill()
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    for path in (*PAGES, "/connections/nothing"):
        response = await admin.page(path)
        assert response.headers["content-security-policy"] == policy
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "same-origin"
        assert re.findall(r"\s(style|on[a-z]+)=", response.text) == []
        assert "<style" not in response.text
        assert re.findall(r'(?:src|action)="(?!/)', response.text) == []


async def test_every_file_of_a_page_is_there_and_kept(visitor: Browser) -> None:
    page = (await visitor.page("/sign-in")).text
    addresses = sorted(set(re.findall(r'"(/assets/[^"]+)"', page)))
    kinds = [address.rsplit(".", 1)[1] for address in addresses]
    assert sorted(kinds) == ["css", "js", "svg"]
    for address in addresses:
        response = await visitor.page(address)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await visitor.page("/assets/console.css")).status_code == 404
    assert (await visitor.page("/assets/..%2Fmain.py")).status_code == 404


async def test_every_field_has_a_label(admin: Browser) -> None:
    admin.backend.fill()
    here = samples.CONNECTION_ID
    admin.backend.setups[here] = samples.setup(done=1)
    admin.backend.packages[here] = samples.package("absent")
    for path in (*PAGES, "/sign-in"):
        text = (await admin.page(path)).text
        fields = re.findall(r"<(?:input|select|textarea)(?![^>]*hidden)[^>]*>", text)
        ids = [re.findall(r' id="([^"]+)"', field) for field in fields]
        assert all(found and f'<label for="{found[0]}"' in text for found in ids), path
        everything = re.findall(r' id="([^"]+)"', text)
        assert len(everything) == len(set(everything)), path


async def test_no_secret_is_in_a_page_an_address_or_a_log(
    admin: Browser, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    admin.backend.fill()
    token = admin.token(Role.ADMIN)
    await admin.sign_in()
    texts = []
    for path in PAGES:
        response = await admin.page(path)
        texts += [response.text, str(response.url), *response.headers.values()]
    captured = capsys.readouterr()
    texts += [caplog.text, captured.out, captured.err, *admin.backend.read]
    signature = token.split(".")[2]
    assert len(signature) > 20
    for secret in (token, signature, SESSION_KEY, admin.token_key.export()):
        assert all(secret not in text for text in texts)
