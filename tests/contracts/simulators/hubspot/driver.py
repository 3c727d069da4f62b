"""What the tests of the HubSpot simulator talk to it with."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

Json = dict[str, Any]
SCOPES = (
    "oauth",
    *(
        f"crm.objects.{name}.{verb}"
        for name in ("contacts", "companies", "deals")
        for verb in ("read", "write")
    ),
    *(
        f"crm.schemas.{name}.{verb}"
        for name in ("contacts", "companies", "deals")
        for verb in ("read", "write")
    ),
    "crm.objects.owners.read",
    "crm.lists.read",
    "crm.lists.write",
    "forms",
    "content",
)


@dataclass(frozen=True, slots=True)
class Sim:
    """A running simulator: the API with a token, and the control plane."""

    url: str
    api: httpx2.Client

    def control(self, path: str, body: Json | None = None) -> Any:
        answer = self.api.post(f"/_control/{path}", json=body or {})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def look(self, path: str) -> Any:
        answer = self.api.get(f"/_control/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def token(self, scopes: Sequence[str] = SCOPES) -> str:
        return str(self.control("token", {"scopes": list(scopes)})["access_token"])

    def anonymous(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.url)

    def post(self, path: str, body: Json) -> httpx2.Response:
        return self.api.post(path, json=body)

    def contact(self, **properties: Any) -> str:
        """The id of a new contact, made through the API."""
        answer = self.post("/crm/v3/objects/contacts", {"properties": properties})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def task(self, **properties: Any) -> str:
        """The id of a new task, made through the API."""
        body = {"properties": {"hs_timestamp": "2026-01-01T00:00:00Z", **properties}}
        answer = self.post("/crm/v3/objects/tasks", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def values(self, kind: str, record_id: str) -> Json:
        """All values of a record, by the control plane."""
        found = {one["id"]: one["fields"] for one in self.look(f"records/{kind}")}
        return dict(found[record_id])

    def unique_property(self, name: str) -> None:
        """A custom property whose values identify a contact; it survives a reset."""
        body = {
            "name": name,
            "label": name,
            "type": "string",
            "fieldType": "text",
            "groupName": "contactinformation",
            "hasUniqueValue": True,
        }
        assert self.post("/crm/v3/properties/contacts", body).status_code in {201, 409}


@contextmanager
def driving(url: str) -> Iterator[Sim]:
    """A driver of the simulator at ``url`` whose token may do everything."""
    with httpx2.Client(base_url=url) as api:
        sim = Sim(url, api)
        api.headers["Authorization"] = f"Bearer {sim.token()}"
        yield sim
