"""A failing network and failing CRMs, in the middle of edits on both sides; then the audit A0."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace

import asyncpg
import httpx2
import pytest

from deploy.local.backing import Backing
from deploy.stack.browser import consent
from deploy.stack.stack import Stack, stack
from tests.e2e.audit import audit, entered, passing_time, restart, settle
from tests.e2e.conftest import World, wanted

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]

CROWD = 40
HALF = 10
QUERY = "POST /services/data/*/composite"
COLLECTIONS = "PATCH /services/data/*/composite/sobjects*"
READ = "POST /crm/objects/*/contacts/batch/read"
UPSERT = "POST /crm/objects/*/contacts/batch/upsert"
UPDATE = "POST /crm/objects/*/contacts/batch/update"
SEARCH = "POST /crm/objects/*/search"
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.2


@pytest.fixture(scope="module")
def faulty(servers: Backing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A deployment of this module's own; HubSpot repeats refused webhooks within seconds."""
    plain = wanted(servers, tmp_path_factory.mktemp("faults"))
    hasty = {**plain.simulator_options, "hubspot": ("--retry-scale", "0.02")}
    with stack(replace(plain, simulator_options=hasty), lambda _line: None) as running:
        yield running


@pytest.fixture
async def world(faulty: Stack) -> AsyncIterator[World]:
    """The deployment with a crowd of people who are linked; no fault is armed."""
    async with entered(faulty) as found:
        if not await found.hubspot.records("contacts"):
            await people(found, "crowd", CROWD)
            await settle(found)
        yield found
        await disarm(faulty)


@dataclass(frozen=True)
class Burst:
    """What users did, and so what has to stand on both sides: e-mail addresses and titles."""

    emails: frozenset[str]
    titles: frozenset[str]


async def people(world: World, tag: str, size: int) -> set[str]:
    """`size` new people, every second one in Salesforce; their addresses."""
    emails = [f"{tag}-{n}@faults.example" for n in range(size)]
    here = [{"email": one, "lastname": f"Here {one}"} for one in emails[::2]]
    there = [{"Email": one, "LastName": f"There {one}"} for one in emails[1::2]]
    await world.hubspot.post("create-many", {"object": "contacts", "records": here})
    await world.salesforce.post("create-many", {"object": "Contact", "records": there})
    return set(emails)


async def burst(world: World, tag: str) -> Burst:
    """20 new people, and 20 of the crowd edited, half of all that on either side."""
    conn = await asyncpg.connect(world.stack.database_url)
    try:
        links = await conn.fetch(
            "SELECT hubspot_id, salesforce_id FROM contact_sync.links ORDER BY id LIMIT $1",
            2 * HALF,
        )
    finally:
        await conn.close()
    moved = {f"moved-{tag}-{n}@faults.example": links[n]["hubspot_id"] for n in range(HALF)}
    titled = {f"Title {tag} {n}": links[HALF + n]["salesforce_id"] for n in range(HALF)}
    emails = await people(world, tag, 2 * HALF)
    edits = [(one, {"email": email}) for email, one in moved.items()]
    await world.hubspot.edit_many("contacts", edits)
    edits = [(one, {"Title": title}) for title, one in titled.items()]
    await world.salesforce.edit_many("Contact", edits)
    return Burst(frozenset(emails | moved.keys()), frozenset(titled))


async def arrived(world: World, done: Burst) -> None:
    """Everything that users did stands on both sides."""
    here = (await world.hubspot.records("contacts")).values()
    there = (await world.salesforce.records("Contact")).values()
    assert done.emails <= {contact.get("email") for contact in here}
    assert done.emails <= {person.get("Email") for person in there}
    assert done.titles <= {contact.get("jobtitle") for contact in here}
    assert done.titles <= {person.get("Title") for person in there}


async def disarm(running: Stack) -> None:
    """No fault is armed any more."""
    async with httpx2.AsyncClient() as http:
        for url in (running.hubspot_url, running.salesforce_url):
            (await http.delete(f"{url}/_control/faults")).raise_for_status()


Armed = tuple[str, str, dict[str, object]]
SALESFORCE_FAULTS: dict[str, list[Armed]] = {
    "refuses": [
        (QUERY, "http", {"status": 503}),
        (COLLECTIONS, "http", {"status": 503}),
        (COLLECTIONS, "http", {"code": "UNKNOWN_EXCEPTION"}),
        (QUERY, "http", {"code": "QUERY_TIMEOUT"}),
    ],
    "locks rows": [(COLLECTIONS, "http", {"code": "UNABLE_TO_LOCK_ROW", "times": 3})],
    "has no calls left": [
        (QUERY, "http", {"code": "REQUEST_LIMIT_EXCEEDED", "times": 2}),
        (COLLECTIONS, "http", {"code": "REQUEST_LIMIT_EXCEEDED"}),
    ],
}
HUBSPOT_FAULTS: dict[str, list[Armed]] = {
    "wants pauses": [
        (READ, "http", {"code": "TEN_SECONDLY_ROLLING", "times": 2}),
        (UPSERT, "http", {"code": "TEN_SECONDLY_ROLLING"}),
        (SEARCH, "http", {"code": "SECONDLY", "times": 2}),
        (UPDATE, "http", {"code": "DAILY"}),
    ],
    "refuses": [
        (READ, "http", {"status": 502}),
        (UPSERT, "http", {"status": 502}),
        (UPSERT, "http", {"code": "MIGRATION_IN_PROGRESS"}),
        (UPDATE, "http", {"code": "LOCKED"}),
    ],
}
NETWORK_FAULTS: dict[str, tuple[list[Armed], list[Armed]]] = {
    "cut before the effect": (
        [(QUERY, "drop_before", {}), (COLLECTIONS, "drop_before", {"times": 2})],
        [(READ, "drop_before", {}), (UPSERT, "drop_before", {"times": 2})],
    ),
    "cut after the effect": (
        [(QUERY, "drop_after", {}), (COLLECTIONS, "drop_after", {})],
        [(UPDATE, "drop_after", {}), (UPSERT, "drop_after", {})],
    ),
    "ended by a proxy's page": (
        [(QUERY, "html", {}), (COLLECTIONS, "html", {"status": 200})],
        [(READ, "html", {"status": 502}), (UPSERT, "html", {"status": 403})],
    ),
    "slower than a lease": (
        [(QUERY, "latency", {"seconds": 1}), (COLLECTIONS, "slow_body", {"seconds": 3.5})],
        [(UPDATE, "latency", {"seconds": 1}), (UPSERT, "slow_body", {"seconds": 3.5})],
    ),
}
"""What happens to the lines to Salesforce and to HubSpot; claims are held for three seconds."""


async def suffer(
    world: World, tag: str, *, salesforce: Sequence[Armed] = (), hubspot: Sequence[Armed] = ()
) -> None:
    """A burst of edits while every one of the faults happens; then A0, and all has arrived."""
    for crm, faults in ((world.salesforce, salesforce), (world.hubspot, hubspot)):
        for match, kind, more in faults:
            await crm.post("faults", {"match": match, "kind": kind, **more})
    done = await burst(world, tag)
    await audit(world)
    await arrived(world, done)
    left = [*await world.salesforce.get("faults"), *await world.hubspot.get("faults")]
    assert left == [], "some of the faults never happened"


@pytest.mark.parametrize("name", SALESFORCE_FAULTS)
async def test_p17_edits_arrive_when_salesforce(world: World, name: str) -> None:
    tag = f"sf{list(SALESFORCE_FAULTS).index(name)}"
    await suffer(world, tag, salesforce=SALESFORCE_FAULTS[name])


@pytest.mark.parametrize("name", HUBSPOT_FAULTS)
async def test_p18_edits_arrive_when_hubspot(world: World, name: str) -> None:
    tag = f"hs{list(HUBSPOT_FAULTS).index(name)}"
    await suffer(world, tag, hubspot=HUBSPOT_FAULTS[name])


@pytest.mark.parametrize("name", NETWORK_FAULTS)
async def test_p19_edits_arrive_once_when_the_lines_are(world: World, name: str) -> None:
    salesforce, hubspot = NETWORK_FAULTS[name]
    tag = f"net{list(NETWORK_FAULTS).index(name)}"
    await suffer(world, tag, salesforce=salesforce, hubspot=hubspot)


# Tokens


async def test_p22_access_tokens_that_end_in_flight_are_renewed(world: World) -> None:
    """HubSpot's live for 30 minutes, Salesforce's for two hours without use."""
    await world.hubspot.post("clock", {"advance_seconds": 31 * 60})
    await world.salesforce.post("clock", {"advance_seconds": 3 * 3600})
    await suffer(world, "expired")


@pytest.mark.parametrize(
    ("side", "revoke"), [("salesforce", "revoke-app"), ("hubspot", "uninstall")]
)
async def test_p22_work_waits_for_a_revoked_grant_and_goes_on_when_it_is_back(
    world: World, side: str, revoke: str
) -> None:
    crm = world.salesforce if side == "salesforce" else world.hubspot
    await crm.post(revoke, {})
    done = await burst(world, f"revoked-{side}")
    await until_state(world, "broken")
    later = await people(world, f"later-{side}", HALF)

    path = f"/api/v1/connections/{world.connection_id}/authorizations/{side}"
    await consent((await world.admin.post(path))["authorize_url"])
    await world.quiet()  # nobody waits for a back-off to end: no time is made to pass

    await arrived(world, Burst(done.emails | later, done.titles))
    await audit(world)


async def until_state(world: World, state: str) -> None:
    """The connection is in that state, which its next use may bring about."""
    async with asyncio.timeout(PATIENCE_SECONDS), passing_time(world):
        while True:
            found = await world.admin.get(f"/api/v1/connections/{world.connection_id}")
            if found["state"] == state:
                return
            await asyncio.sleep(LOOK_SECONDS)


# Refusals


async def errors(world: World) -> list[dict[str, object]]:
    listed = await world.admin.get("/api/v1/errors", connection_id=world.connection_id, limit="200")
    found: list[dict[str, object]] = listed["items"]
    return found


async def test_one_of_fifty_that_a_validation_rule_refuses_is_parked_and_can_be_retried(
    world: World,
) -> None:
    rule = {"object": "Contact", "field": "LastName", "value": "Forbidden", "message": "No, no."}
    await world.salesforce.post("switches", {"validation_rule": rule})
    emails = [f"rule-{n}@faults.example" for n in range(50)]
    rows: list[dict[str, object]] = [{"email": one, "lastname": "Allowed"} for one in emails]
    rows[17]["lastname"] = "Forbidden"
    made = await world.hubspot.post("create-many", {"object": "contacts", "records": rows})
    await audit(world)

    there = {p.get("Email") for p in (await world.salesforce.records("Contact")).values()}
    assert set(emails) - there == {emails[17]}
    (parked,) = [one for one in await errors(world) if one["record_id"] == made["ids"][17]]
    assert parked["code"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"

    await world.salesforce.post("switches", {"validation_rule": None})
    body = {"connection_id": world.connection_id}
    await world.admin.post(f"/api/v1/errors/{parked['id']}/retry", body)
    await audit(world)
    assert (await world.salesforce_person(emails[17]))["LastName"] == "Forbidden"
    assert made["ids"][17] not in {one["record_id"] for one in await errors(world)}


async def test_a_duplicate_rule_parks_the_record_until_the_rule_is_gone(world: World) -> None:
    ((contact, person),) = await pairs(world, "dup-a@faults.example")
    await world.salesforce.post("switches", {"duplicate_rule": "block"})
    await world.admin.post(f"/api/v1/settings/{world.connection_id}/pause", {})
    await world.quiet()
    email = "dup-b@faults.example"
    twin = await world.salesforce.create("Contact", {"Email": email, "LastName": "B"})
    await world.hubspot.edit_many("contacts", [(contact, {"email": email})])
    await world.admin.post(f"/api/v1/settings/{world.connection_id}/resume")
    await audit(world)
    parked = {str(one["record_id"]): one for one in await errors(world)}
    assert parked[contact]["code"] == "DUPLICATES_DETECTED"
    assert parked[twin]["code"] == "duplicate_person"

    await world.salesforce.post("switches", {"duplicate_rule": "off"})
    await world.salesforce.post("delete", {"object": "Contact", "id": twin})
    body = {"connection_id": world.connection_id}
    await world.admin.post(f"/api/v1/errors/{parked[contact]['id']}/retry", body)
    await audit(world)
    assert (await world.salesforce_person(email))["Id"] == person
    assert not {contact, twin} & {str(one["record_id"]) for one in await errors(world)}


# Webhooks, crashes, pauses


async def test_p5_webhooks_that_come_twice_have_no_second_effect(world: World) -> None:
    await world.hubspot.post("webhooks", {"duplicates": 0.7})
    await suffer(world, "twice")
    await world.hubspot.post("webhooks", {})


async def test_what_lost_webhooks_told_arrives_with_an_import(world: World) -> None:
    await world.hubspot.post("webhooks", {"lost": 0.5})
    done = await burst(world, "lost")
    await world.quiet()
    await world.hubspot.post("webhooks", {})
    body = {"connection_id": world.connection_id, "side": "hubspot"}
    await world.admin.post("/api/v1/imports", body)
    await imported(world)
    await audit(world)
    await arrived(world, done)


async def imported(world: World) -> None:
    """The latest import has noted everybody."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = await world.admin.get("/api/v1/imports", connection_id=world.connection_id)
            if found[0]["state"] == "noted":
                return
            await asyncio.sleep(LOOK_SECONDS)


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_p33_the_process_ends_in_the_middle_and_nothing_is_lost(
    world: World, how: str
) -> None:
    done = await burst(world, f"{how}-1")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await begun(world, f"{how}-1"):
            await asyncio.sleep(0.02)
    services = world.stack.children["services"]
    services.stop() if how == "stop" else services.kill()
    later = await people(world, f"{how}-2", 2 * HALF)
    restart(world.stack)

    await audit(world)
    await arrived(world, Burst(done.emails | later, done.titles))


async def begun(world: World, tag: str) -> bool:
    """Whether the first of the burst's people stand in Salesforce."""
    people = await world.salesforce.records("Contact")
    here = range(0, 2 * HALF, 2)
    wanted = {f"{tag}-{n}@faults.example" for n in here}
    return any(person.get("Email") in wanted for person in people.values())


async def test_a_paused_sync_writes_nothing_and_goes_on_with_what_was_noted(
    world: World,
) -> None:
    await world.admin.post(f"/api/v1/settings/{world.connection_id}/pause", {})
    await world.quiet()
    before = await written(world)
    done = await burst(world, "paused")
    await world.quiet()
    assert await written(world) == before

    await world.admin.post(f"/api/v1/settings/{world.connection_id}/resume")
    await audit(world)
    await arrived(world, done)


async def written(world: World) -> int:
    """How many writes the app has made on both sides."""
    changes = [*await world.hubspot.changes(), *await world.salesforce.changes()]
    return sum(1 for change in changes if change["by"] == "app")


# Records that end


async def pairs(world: World, *emails: str) -> list[tuple[str, str]]:
    """People on both sides, linked: their ids in HubSpot and in Salesforce."""
    rows = [{"email": email, "lastname": "Pair"} for email in emails]
    made = await world.hubspot.post("create-many", {"object": "contacts", "records": rows})
    await settle(world)
    people = [await world.salesforce_person(email) for email in emails]
    return [(str(one), str(p["Id"])) for one, p in zip(made["ids"], people, strict=True)]


async def test_p34_a_record_deleted_on_one_side_stays_on_the_other_alone(world: World) -> None:
    emails = ("gone-here@faults.example", "gone-there@faults.example")
    (here, person), (contact, there) = await pairs(world, *emails)
    await world.hubspot.post("delete", {"object": "contacts", "id": here})
    await world.salesforce.post("delete", {"object": "Contact", "id": there})

    await audit(world, strangers=[person, contact])

    assert person in await world.salesforce.records("Contact")
    assert contact in await world.hubspot.records("contacts")
    await world.salesforce.post("delete", {"object": "Contact", "id": person})
    await world.hubspot.post("delete", {"object": "contacts", "id": contact})


async def test_p34_after_a_merge_the_survivor_goes_on_with_one_of_the_two(world: World) -> None:
    emails = ("merge-1@faults.example", "merge-2@faults.example")
    (one, first), (two, second) = await pairs(world, *emails)
    merged = (
        await world.hubspot.post("merge", {"object": "contacts", "id": one, "other_id": two})
    )["id"]
    await settle(world)
    await world.hubspot.edit_many("contacts", [(merged, {"fax": "+1 555 0111"})])

    await audit(world, strangers=[second])

    people = await world.salesforce.records("Contact")
    assert people[first]["Fax"] == "+1 555 0111"
    await world.salesforce.post("delete", {"object": "Contact", "id": second})


async def test_a_converted_lead_hands_its_pair_to_its_contact(world: World) -> None:
    email = "lead@faults.example"
    fields = {"Email": email, "LastName": "Lead", "Company": "Leads Ltd"}
    lead = await world.salesforce.create("Lead", fields)
    await settle(world)
    contact = str((await world.hubspot_person(email))["id"])
    await world.salesforce.post("convert-lead", {"id": lead})
    await world.quiet()
    await world.salesforce.edit_many(
        "Contact", [(str((await world.salesforce_person(email))["Id"]), {"Title": "Converted"})]
    )

    await audit(world)

    assert (await world.hubspot_person(email))["id"] == contact
    assert (await world.hubspot_person(email))["jobtitle"] == "Converted"
