"""From the choice over the review to the start, through the routes."""

from uuid import UUID

import httpx2

from services.mapping.ports import People
from shared.contracts.connection import ConnectionBroken
from shared.kernel.records import Side
from tests.unit.mapping.advanced.walking import LEAD, begin, finish, put
from tests.unit.mapping.office import (
    ID,
    SETTINGS,
    SETUP,
    Office,
    codes,
    etag,
    fields,
    kind,
)

OTHER = UUID("01890000-0000-7000-8000-000000000002")


async def test_from_the_choice_page_by_page_to_the_start(
    client: httpx2.AsyncClient, office: Office
) -> None:
    begun = await begin(client)
    assert begun.headers["etag"] == '"1"'
    assert (begun.json()["draft_revision"], begun.json()["settings"]["version"]) == (1, 0)
    assert (await client.get(SETTINGS)).json()["settings"] is None
    contacts = await put(client, "contacts", {**LEAD, "inclusion_list": {"list_id": "7"}})
    assert contacts.json()["settings"]["contacts"]["inclusion_list"] == {
        "list_id": "7",
        "name": "Customers",
    }
    await put(client, "companies", {"enabled": True})
    await put(client, "owners", {"owners": []})
    last = await put(client, "budget", {"daily_salesforce_calls": 5000})
    assert (last.json()["revision"], last.json()["base_version"]) == (5, 0)
    assert office.sent == []
    done = await finish(client)
    assert done.status_code == 200, done.text
    assert office.sent == ["SettingsPublished", "SyncStarted"]
    settings = (await client.get(SETTINGS)).json()["settings"]
    assert (settings["version"], settings["contacts"]["create_in_salesforce"]) == (1, "lead")
    assert settings["daily_salesforce_calls"] == 5000
    assert {m["object_type"] for m in settings["mappings"]} == {"contact", "company"}
    assert done.json()["drafting"] is False


async def test_after_the_finish_the_admin_is_told_that_nothing_moves(
    client: httpx2.AsyncClient,
) -> None:
    await begin(client)
    body = (await finish(client)).json()
    assert body["message"].startswith("The sync runs. No record moves by itself")
    assert [step["request"].split(" {")[0] for step in body["next_steps"]] == [
        f"GET /api/v1/journal?connection_id={ID}",
        "POST /api/v1/imports",
        "POST /api/v1/imports",
    ]


async def test_warnings_have_to_be_acknowledged_by_their_codes(
    client: httpx2.AsyncClient, office: Office
) -> None:
    await begin(client)
    await put(client, "contacts", LEAD)
    for body in (None, {}, {"acknowledge": ["org-is-shared"]}):
        refused = await client.post(f"{SETUP}/finish", json=body)
        assert kind(refused) == (409, "warnings-not-acknowledged")
        assert fields(refused) == ["contacts.create_in_salesforce"]
        assert refused.json()["detail"].endswith("by their codes: leads-and-companies.")
    assert office.sent == []
    review = (await client.get(f"{SETUP}/review")).json()
    assert (review["can_finish"], review["acknowledge"]) == (True, ["leads-and-companies"])
    assert (await finish(client)).status_code == 200


async def test_a_list_that_goes_away_after_it_was_chosen_blocks_the_finish(
    client: httpx2.AsyncClient, office: Office
) -> None:
    await begin(client)
    await put(client, "contacts", {"inclusion_list": {"list_id": "7"}})
    del office.lookups.known["7"]
    refused = await finish(client)
    assert kind(refused) == (422, "settings-invalid")
    assert fields(refused) == ["contacts.inclusion_list"]


async def test_recommended_settings_are_changed_by_a_draft_too(
    client: httpx2.AsyncClient, office: Office
) -> None:
    await client.post(f"{SETUP}/choice", json={"kind": "recommended"})
    saved = await put(client, "contacts", LEAD)
    assert (saved.json()["revision"], saved.json()["base_version"]) == (1, 1)
    assert (await client.get(SETTINGS)).json()["settings"]["version"] == 1
    assert (await finish(client)).status_code == 200
    assert (await client.get(SETTINGS)).json()["settings"]["version"] == 2
    assert office.sent == ["SettingsPublished", "SyncStarted"]


async def test_a_draft_of_a_running_sync_becomes_its_next_version(
    client: httpx2.AsyncClient, office: Office
) -> None:
    await client.post(f"{SETUP}/choice", json={"kind": "recommended"})
    await finish(client)
    await begin(client)
    await put(client, "contacts", LEAD)
    assert office.sent == ["SettingsPublished", "SyncStarted"]
    assert (await finish(client)).json()["published"] == 2
    assert office.sent[2:] == ["SettingsPublished"]
    assert (await finish(client)).status_code == 200
    assert len(office.sent) == 3


async def test_a_draft_of_a_paused_sync_waits_for_the_resume(
    client: httpx2.AsyncClient, office: Office
) -> None:
    await client.post(f"{SETUP}/choice", json={"kind": "recommended"})
    await finish(client)
    await client.post(f"{SETTINGS}/pause")
    await begin(client)
    await put(client, "contacts", LEAD)
    assert (await finish(client)).json()["sync"] == "paused"
    assert office.sent[3:] == []
    await client.post(f"{SETTINGS}/resume")
    assert office.sent[3:] == ["SettingsPublished", "SyncResumed"]


async def test_a_draft_of_an_older_version_is_not_made_one(client: httpx2.AsyncClient) -> None:
    await client.post(f"{SETUP}/choice", json={"kind": "recommended"})
    await begin(client)
    read = await client.get(SETTINGS)
    await client.put(f"/api/v1/mappings/{ID}", json={"mappings": []}, headers=etag(read))
    answer = await finish(client)
    assert kind(answer) == (409, "draft-behind")
    assert "DELETE" in answer.json()["detail"]


async def test_the_review_tells_the_missing_steps_too(office: Office) -> None:
    await office.connect()
    async with office.client() as client:
        await begin(client)
        await office.hear(ConnectionBroken(side=Side.HUBSPOT, reason="revoked"))
        review = (await client.get(f"{SETUP}/review")).json()
        assert codes(review) == ["step-missing", "not-looked-up"]
        assert review["can_finish"] is False
        assert kind(await finish(client)) == (409, "setup-incomplete")


async def test_a_crm_that_does_not_answer_is_a_warning(
    client: httpx2.AsyncClient, office: Office
) -> None:
    await begin(client)
    await put(client, "contacts", {"inclusion_list": {"list_id": "7"}})
    office.lookups.silent = True
    review = (await client.get(f"{SETUP}/review")).json()
    assert codes(review).count("not-looked-up") == 3
    assert review["can_finish"] is True


async def test_the_review_looks_at_people_and_at_other_connections(
    client: httpx2.AsyncClient, office: Office
) -> None:
    await begin(client)
    await office.connect(OTHER)
    office.lookups.people_known = People({"1": "ada@example.org"}, {"005B": "bob@example.org"})
    review = (await client.get(f"{SETUP}/review")).json()
    assert codes(review) == ["org-is-shared", "owners-without-counterpart"]
    assert "ada" not in str(review)
