"""Drives a simulated org over HTTP: plain calls with a token, and its control plane."""

from collections.abc import Iterable
from typing import Any

import httpx2

from tests.simulators.salesforce.settings import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET

VERSION = "/services/data/v66.0"
PACKAGE_VERSION = "04t5g0000000001AAA"
REDIRECT = "http://127.0.0.1:9/callback"
CLIENT = {"client_id": DEFAULT_CLIENT_ID, "client_secret": DEFAULT_CLIENT_SECRET}


class Driver:
    """One org and one user's access token; ``token`` can be exchanged."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http
        self.token = ""
        self.user_id = ""

    def control(self, path: str, body: Any = None) -> Any:
        response = self.http.post(f"/_control/{path}", json={} if body is None else body)
        assert response.status_code == 200, response.text
        return response.json()

    def look(self, path: str) -> Any:
        response = self.http.get(f"/_control/{path}")
        assert response.status_code == 200, response.text
        return response.json()

    def switch(self, **values: Any) -> None:
        self.control("switches", values)

    def grant(self, **wanted: str) -> dict[str, str]:
        tokens: dict[str, str] = self.control("grant", wanted)
        self.token = tokens["access_token"]
        self.user_id = tokens["id"].rpartition("/")[2]
        return tokens

    def call(
        self, method: str, path: str, body: Any = None, *, version: str = VERSION, **more: Any
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        return self.http.request(method, version + path, headers=headers, **more)

    def query(self, soql: str, *, resource: str = "query", **headers: str) -> Any:
        return self.call("GET", f"/{resource}", params={"q": soql}, headers=headers).json()

    def rows(self, soql: str) -> list[dict[str, Any]]:
        answer = self.query(soql)
        assert isinstance(answer, dict), answer
        return [
            {name: value for name, value in row.items() if name != "attributes"}
            for row in answer["records"]
        ]

    def create(self, object_name: str, **fields: Any) -> str:
        response = self.call("POST", f"/sobjects/{object_name}", fields)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def get(self, object_name: str, record_id: str) -> dict[str, Any]:
        response = self.call("GET", f"/sobjects/{object_name}/{record_id}")
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    def install(self) -> None:
        self.control("package", {"installed": True})

    def used(self) -> int:
        total: int = self.look("calls")["total"]
        return total


def rows_of(object_name: str, records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records with the attributes that Collections want."""
    return [{"attributes": {"type": object_name}, **one} for one in records]


def error_of(response: httpx2.Response) -> tuple[int, str]:
    """Status and code of a single-record error, whose body is an array of one."""
    body = response.json()
    assert isinstance(body, list), body
    assert len(body) == 1
    assert set(body[0]) >= {"message", "errorCode"}
    return response.status_code, body[0]["errorCode"]
