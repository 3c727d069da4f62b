"""Calls to paste into a shell, each with a token that works."""

import json
import shlex
from dataclasses import dataclass
from typing import Any

import httpx2

CONTROL_SECONDS = 600.0
"""A seed of a million records takes minutes."""
SCOPES = (
    "oauth",
    *(
        f"crm.{area}.{name}.{verb}"
        for area in ("objects", "schemas")
        for name in ("contacts", "companies", "deals")
        for verb in ("read", "write")
    ),
    "crm.objects.owners.read",
    "crm.lists.read",
    "crm.lists.write",
    "forms",
    "content",
)
"""Everything that the simulated portal knows."""
VERSION = "/services/data/v66.0"
JSON = "Content-Type: application/json"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Curl:
    """One command; ``says`` is what it is good for."""

    says: str
    url: str
    token: str = ""
    body: Json | None = None

    def __str__(self) -> str:
        words = ["curl", "-sS"]
        if self.token:
            words += ["-H", f"Authorization: Bearer {self.token}"]
        if self.body is not None:
            words += ["-H", JSON, "-d", json.dumps(self.body, ensure_ascii=False)]
        return shlex.join([*words, self.url])


def order(url: str, name: str, body: Json) -> Json:
    """What a simulator's control plane answers. httpx2.HTTPStatusError for a bad order."""
    address = f"{url}/_control/{name}"
    answer = httpx2.post(address, json=body, timeout=CONTROL_SECONDS, trust_env=False)
    answer.raise_for_status()
    told: Json = answer.json()
    return told


def hubspot(url: str) -> list[Curl]:
    """Read, search, write and undo in a portal."""
    token = str(order(url, "token", {"scopes": list(SCOPES)})["access_token"])
    contacts = f"{url}/crm/v3/objects/contacts"
    filters = [{"propertyName": "country", "operator": "EQ", "value": "Japan"}]
    search = {"filterGroups": [{"filters": filters}], "properties": ["lastname"], "limit": 3}
    person = {
        "properties": {"email": "ada@example.com", "firstname": "Ada", "lastname": "Łovelace"}
    }
    return [
        Curl("three contacts", f"{contacts}?limit=3&associations=companies", token),
        Curl("search", f"{contacts}/search", token, search),
        Curl("create a contact", contacts, token, person),
        Curl("owners", f"{url}/crm/v3/owners", token),
        Curl("without a token", contacts),
        Curl("calls as HubSpot counts them", f"{url}/_control/calls"),
    ]


def salesforce(url: str) -> list[Curl]:
    """Query, describe and write in an org."""
    token = str(order(url, "grant", {})["access_token"])
    data = url + VERSION
    lead = {"LastName": "Łovelace", "Company": "Analytical Engines"}
    soql = "SELECT+Id,Name,Account.Name+FROM+Contact+WHERE+Email!=null+LIMIT+3"
    return [
        Curl("three contacts", f"{data}/query?q={soql}", token),
        Curl("create a lead", f"{data}/sobjects/Lead", token, lead),
        Curl("fields of a contact", f"{data}/sobjects/Contact/describe", token),
        Curl("limits", f"{data}/limits", token),
        Curl("versions, without a token", f"{url}/services/data/"),
        Curl("calls as Salesforce counts them", f"{url}/_control/calls"),
    ]
