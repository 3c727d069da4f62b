from dataclasses import dataclass

import pytest

from tests.contracts.simulators.hubspot.driver import SCOPES, Json, Sim

WHEN = "2026-01-01T09:00:00Z"


@dataclass(frozen=True, slots=True)
class Engagement:
    """A kind of engagement with what a new one needs."""

    kind: str
    type_id: str
    singular: str
    association: int
    """Id of its association with a contact."""
    properties: Json


ENGAGEMENTS = [
    Engagement("notes", "0-46", "note", 202, {"hs_timestamp": WHEN, "hs_note_body": "<p>Hi</p>"}),
    Engagement("calls", "0-48", "call", 194, {"hs_timestamp": WHEN, "hs_call_status": "BUSY"}),
    Engagement(
        "emails", "0-49", "email", 198, {"hs_timestamp": WHEN, "hs_email_direction": "EMAIL"}
    ),
    Engagement(
        "meetings", "0-47", "meeting", 200, {"hs_timestamp": WHEN, "hs_meeting_title": "Demo"}
    ),
    Engagement("tasks", "0-27", "task", 204, {"hs_timestamp": WHEN, "hs_task_subject": "Call"}),
]
each = pytest.mark.parametrize("one", ENGAGEMENTS, ids=lambda one: one.kind)
roots = pytest.mark.parametrize(
    "root", ["/crm/v3/objects", "/crm/objects/2026-03", "/crm/objects/2026-09"]
)


def _create(sim: Sim, one: Engagement, root: str, contact_id: str) -> str:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": one.association}]
    belonging = [{"to": {"id": contact_id}, "types": types}]
    body = {"properties": one.properties, "associations": belonging}
    made = sim.post(f"{root}/{one.kind}", body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


@each
@roots
def test_engagements_are_created_with_their_contact(sim: Sim, one: Engagement, root: str) -> None:
    contact_id = sim.contact(email="ada@example.com")
    record_id = _create(sim, one, root, contact_id)
    names = ",".join(one.properties)
    query = {"properties": names, "associations": "contacts", "propertiesWithHistory": names}
    read = sim.api.get(f"{root}/{one.type_id}/{record_id}", params=query).json()
    assert one.properties.items() <= read["properties"].items()
    assert set(read["propertiesWithHistory"]) == set(one.properties)
    assert read["associations"]["contacts"]["results"] == [
        {"id": contact_id, "type": f"{one.singular}_to_contact"}
    ]


@each
@roots
def test_engagements_are_changed_found_and_archived(sim: Sim, one: Engagement, root: str) -> None:
    record_id = _create(sim, one, root, sim.contact(email="ada@example.com"))
    later = {"hs_timestamp": "2026-02-01T09:00:00Z"}
    changed = sim.api.patch(f"{root}/{one.singular}/{record_id}", json={"properties": later})
    assert changed.status_code == 200
    found = sim.post(f"{root}/{one.kind}/search", {"properties": ["hs_timestamp"]}).json()
    assert later.items() <= found["results"][0]["properties"].items()
    assert sim.api.delete(f"{root}/{one.kind}/{record_id}").status_code == 204
    assert sim.api.get(f"{root}/{one.kind}/{record_id}").status_code == 404


@each
def test_engagements_need_a_time(sim: Sim, one: Engagement) -> None:
    rest = {name: value for name, value in one.properties.items() if name != "hs_timestamp"}
    refused = sim.post(f"/crm/v3/objects/{one.type_id}", {"properties": rest})
    assert refused.status_code == 400
    assert "hs_timestamp" in refused.json()["context"]["properties"]


@each
def test_engagements_come_in_batches_too(sim: Sim, one: Engagement) -> None:
    root = f"/crm/v3/objects/{one.kind}/batch"
    made = sim.post(f"{root}/create", {"inputs": [{"properties": one.properties}] * 2})
    assert made.status_code == 201
    ids = [{"id": record["id"]} for record in made.json()["results"]]
    wanted = {"inputs": ids, "properties": list(one.properties)}
    read = sim.post(f"{root}/read", wanted).json()["results"]
    assert all(one.properties.items() <= record["properties"].items() for record in read)
    assert sim.post(f"{root}/archive", {"inputs": ids}).status_code == 204
    assert sim.look(f"records/{one.kind}") == []


def test_a_meeting_takes_the_time_at_which_it_starts(sim: Sim) -> None:
    body = {"properties": {"hs_meeting_start_time": WHEN, "hs_meeting_outcome": "SCHEDULED"}}
    record_id = sim.post("/crm/v3/objects/meetings", body).json()["id"]
    assert sim.values("meetings", record_id)["hs_timestamp"] == WHEN


def test_an_email_needs_a_direction(sim: Sim) -> None:
    refused = sim.post("/crm/v3/objects/emails", {"properties": {"hs_timestamp": WHEN}})
    assert refused.json()["context"]["properties"] == ["hs_email_direction"]
    wrong = {"properties": {"hs_timestamp": WHEN, "hs_email_direction": "SIDEWAYS"}}
    assert sim.post("/crm/v3/objects/emails", wrong).json()["errors"][0]["code"] == "INVALID_OPTION"


def test_the_content_of_emails_needs_a_scope_of_its_own(sim: Sim) -> None:
    content = {"hs_email_subject": "Offer", "hs_email_text": "Hi", "hs_email_html": "<p>Hi</p>"}
    body = {"properties": {"hs_timestamp": WHEN, "hs_email_direction": "EMAIL", **content}}
    root = "/crm/v3/objects/emails"
    record_id = sim.post(root, body).json()["id"]
    names = list(content)
    query = {"properties": ",".join(names), "propertiesWithHistory": ",".join(names)}
    token = sim.token([*SCOPES, "sales-email-read"])
    allowed = {"Authorization": f"Bearer {token}"}
    seen = sim.api.get(f"{root}/{record_id}", params=query, headers=allowed).json()
    assert content.items() <= seen["properties"].items()
    assert set(seen["propertiesWithHistory"]) == set(content)

    single = sim.api.get(f"{root}/{record_id}", params=query).json()
    wanted = {"inputs": [{"id": record_id}], "properties": names}
    [batched] = sim.post(f"{root}/batch/read", wanted).json()["results"]
    [found] = sim.post(f"{root}/search", {"properties": names}).json()["results"]
    for one in (single, batched, found):
        assert one["properties"]["hs_email_subject"] is None
        assert one["properties"]["hs_email_text"] is None
        assert "has been redacted" in one["properties"]["hs_email_html"]
    assert "propertiesWithHistory" not in single
