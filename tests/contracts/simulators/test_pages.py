"""The pages of both simulators: hostile values stay text, and nothing grows with the records."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import httpx2
import pytest

from tests.simulators.machinery.launch import running
from tests.simulators.machinery.recent import KEPT_CALLS

Json = dict[str, Any]
HOSTILE = '<script>alert("1")</script><img src=x onerror=\'x\'>&amp;"'
RTL = "\u202e\u200f\u05e9\u05dc\u05d5\u05dd"
KINDS = {
    "hubspot": ("contacts", "lastname", "/crm/v3/objects/contacts"),
    "salesforce": ("Contact", "LastName", "/services/data/v66.0/sobjects/Contact"),
}
VOID = {"meta", "img", "link", "input", "br"}


class Seen(HTMLParser):
    """Tags, attributes and text of a page; fails for a tag that is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(http: httpx2.Client, path: str, status: int = 200) -> Seen:
    answer = http.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    page = Seen()
    page.feed(answer.text)
    assert {"script", "img", "iframe", "object"}.isdisjoint(page.tags)
    assert not [name for name in page.attributes if name.startswith("on")]
    assert all(link.startswith("/") and not link.startswith("//") for link in page.links)
    return page


@pytest.fixture(scope="module", params=KINDS)
def simulator(request: pytest.FixtureRequest) -> Iterator[tuple[str, httpx2.Client]]:
    module = f"tests.simulators.{request.param}"
    with running(module) as url, httpx2.Client(base_url=url, timeout=30) as http:
        yield request.param, http


@pytest.fixture
def http(simulator: tuple[str, httpx2.Client]) -> httpx2.Client:
    control(simulator[1], "reset", {})
    return simulator[1]


@pytest.fixture
def kind(simulator: tuple[str, httpx2.Client]) -> tuple[str, str, str]:
    """Object, its last-name field, and the path to a call that is refused without a token."""
    return KINDS[simulator[0]]


def control(http: httpx2.Client, path: str, body: Json) -> Any:
    answer = http.post(f"/_control/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_empty_simulator_has_a_page(http: httpx2.Client) -> None:
    page = seen(http, "/")
    assert "Latest calls" in page.text
    assert "Quota" in page.text
    assert "none yet" in page.text


def test_hostile_values_are_text_everywhere(
    http: httpx2.Client, kind: tuple[str, str, str]
) -> None:
    name, field, _ = kind
    fields = {field: HOSTILE}
    record_id = control(http, "create", {"object": name, "fields": fields})["id"]
    control(http, "create", {"object": name, "fields": {field: RTL}})
    for path in ("/", f"/records/{name}", f"/records/{name}/{record_id}"):
        assert HOSTILE[:50] in seen(http, path).text, path
    assert HOSTILE in seen(http, f"/records/{name}/{record_id}").text
    assert RTL in seen(http, "/").text


def test_hostile_paths_are_text(http: httpx2.Client, kind: tuple[str, str, str]) -> None:
    assert "<script>" in seen(http, "/records/%3Cscript%3E", 404).text
    assert "<script>" in seen(http, f"/records/{kind[0]}/%3Cscript%3E", 404).text
    http.get("/crm/v3/%3Cscript%3E?code=secret")
    page = seen(http, "/")
    assert "/crm/v3/<script>" in page.text
    assert "secret" not in page.text


def test_calls_are_shown_with_status_and_only_so_many(
    http: httpx2.Client, kind: tuple[str, str, str]
) -> None:
    for _ in range(KEPT_CALLS + 20):
        assert http.get(kind[2]).status_code == 401
    page = seen(http, "/")
    assert page.text.count(kind[2]) == KEPT_CALLS
    assert page.text.count("401") >= KEPT_CALLS
    assert "/_control" not in page.text


def test_a_call_that_was_cut_off_says_so(http: httpx2.Client, kind: tuple[str, str, str]) -> None:
    control(http, "faults", {"match": f"GET {kind[2]}", "kind": "drop_before"})
    with pytest.raises(httpx2.HTTPError):
        http.get(kind[2])
    assert "cut off" in seen(http, "/").text


def test_a_page_does_not_grow_with_the_records(
    http: httpx2.Client, kind: tuple[str, str, str]
) -> None:
    ids = control(http, "seed", {"people": 2_000, "companies": 20, "deals": 30, "tasks": 40})["ids"]
    first = http.get("/")
    assert "2,000" in first.text
    assert len(first.content) < 60_000
    name, page = kind[0], seen(http, f"/records/{kind[0]}")
    found = [link for link in page.links if link.startswith(f"/records/{name}/")]
    assert len(found) == 100
    assert found[0].rpartition("/")[2] == ids[-1]
    older = seen(http, page.links[-1])
    assert f"/records/{name}/{ids[-101]}" in older.links
    assert f"/records/{name}/{ids[-100]}" not in older.links


def test_every_record_of_a_chain_of_pages_is_shown_once(
    http: httpx2.Client, kind: tuple[str, str, str]
) -> None:
    ids = control(http, "seed", {"people": 250})["ids"]
    path, found = f"/records/{kind[0]}", []
    while path:
        links = seen(http, path).links
        found += [link for link in links if link.startswith(f"/records/{kind[0]}/")]
        path = next((link for link in links if "after=" in link), "")
    assert [link.rpartition("/")[2] for link in found] == ids[::-1]


def test_a_record_leads_to_its_company_and_back(
    http: httpx2.Client, kind: tuple[str, str, str]
) -> None:
    order = {"people": 5, "companies": 1, "deals": 1, "tasks": 1, "seed": 4}
    made = control(http, "seed", order)
    company = "companies" if kind[0] == "contacts" else "Account"
    person, firm = (
        f"/records/{kind[0]}/{made['ids'][0]}",
        f"/records/{company}/{made['companies'][0]}",
    )
    assert firm in seen(http, person).links
    assert person in seen(http, firm).links


def test_a_record_shows_what_happened_to_it(
    http: httpx2.Client, kind: tuple[str, str, str]
) -> None:
    name, field, _ = kind
    record_id = control(http, "create", {"object": name, "fields": {field: "Before"}})["id"]
    control(http, "edit", {"object": name, "id": record_id, "fields": {field: "After"}})
    page = seen(http, f"/records/{name}/{record_id}")
    assert "After" in page.text
    assert page.text.count("update") == 1
    assert ("Before" in page.text) == (name == "contacts"), "only HubSpot keeps what was before"
    control(http, "delete", {"object": name, "id": record_id})
    assert "in the recycle bin" in seen(http, f"/records/{name}/{record_id}").text
    assert "1 in the bin" in " ".join(seen(http, "/").text.split())


def test_a_very_long_value_is_cut(http: httpx2.Client, kind: tuple[str, str, str]) -> None:
    field = "message" if kind[0] == "contacts" else "Description"
    fields = {kind[1]: "A", field: "x" * 30_000}
    record_id = control(http, "create", {"object": kind[0], "fields": fields})["id"]
    page = http.get(f"/records/{kind[0]}/{record_id}").text
    assert "(30,000 characters)" in page
    assert page.count("x" * 4_000) <= 2
    assert "x" * 4_001 not in page
