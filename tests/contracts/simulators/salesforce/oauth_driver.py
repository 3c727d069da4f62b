"""Walks through the web server flow as a browser and an app would."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from tests.contracts.simulators.salesforce.driver import CLIENT, REDIRECT, Driver
from tests.simulators.salesforce.settings import DEFAULT_CLIENT_ID

VERIFIER = "correct-horse-battery-staple-correct-horse-battery"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:-1]
REQUEST = {
    "response_type": "code",
    "client_id": DEFAULT_CLIENT_ID,
    "redirect_uri": REDIRECT,
    "scope": "api refresh_token id",
    "state": "opaque state",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def decide(org: Driver, decision: str = "allow", **changed: str) -> dict[str, str]:
    fields = {**REQUEST, **changed, "decision": decision}
    response = org.http.post("/services/oauth2/authorize", data=fields)
    assert response.status_code == 302
    target = response.headers["location"]
    assert target.startswith(REDIRECT + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}


def exchange(org: Driver, code: str, **changed: str) -> httpx2.Response:
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        **CLIENT,
        **changed,
    }
    return org.http.post("/services/oauth2/token", data=fields)


def refresh(org: Driver, token: str) -> httpx2.Response:
    fields = {"grant_type": "refresh_token", "refresh_token": token, **CLIENT}
    return org.http.post("/services/oauth2/token", data=fields)


def tokens_of(org: Driver, **changed: str) -> dict[str, Any]:
    response = exchange(org, decide(org, **changed)["code"])
    assert response.status_code == 200, response.text
    tokens: dict[str, Any] = response.json()
    return tokens


def refused(response: httpx2.Response) -> tuple[int, str, str]:
    body = response.json()
    return response.status_code, body["error"], body["error_description"]
