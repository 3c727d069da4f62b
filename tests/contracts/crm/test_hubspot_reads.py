from shared.crm.hubspot.associations import Pair
from shared.crm.hubspot.rows import CreateInput, UpdateInput
from shared.crm.hubspot.search import Filter
from shared.crm.transport import CallKind
from shared.crm.writes import Refused, Written
from tests.contracts.crm.lines import HubSpotUnderTest, hubspot_under_test


async def test_records_by_id(hubspot: HubSpotUnderTest) -> None:
    ids = await hubspot.control.seed(people=230)
    await hubspot.control.reset_calls()
    read = await hubspot.client.batch_read("contacts", [*ids, "999999999"], ["email", "phone"])
    known = await hubspot.control.records("contacts")
    assert read.missing == {"999999999"}
    assert {one: found.properties["email"] for one, found in read.found.items()} == {
        one: fields["email"] for one, fields in known.items()
    }
    assert (await hubspot.control.calls())["total"] == len(hubspot.meter.taken) == 3


async def test_people_by_address_in_any_case(hubspot: HubSpotUnderTest) -> None:
    record_id = await hubspot.control.create("contacts", {"email": "ada@example.org"})
    read = await hubspot.client.batch_read(
        "contacts", ["ADA@Example.org", "bob@example.org"], [], id_property="email"
    )
    assert {asked: found.id for asked, found in read.found.items()} == {
        "ADA@Example.org": record_id
    }
    assert read.missing == {"bob@example.org"}


async def test_histories(hubspot: HubSpotUnderTest) -> None:
    ids = await hubspot.control.create_many(
        "contacts", [{"email": f"p{n}@example.org", "lastname": "Old"} for n in range(60)]
    )
    await hubspot.control.advance_clock(60)
    await hubspot.client.batch_update("contacts", [UpdateInput("a", ids[0], {"lastname": "New"})])
    read = await hubspot.client.batch_read("contacts", ids, [], history=["lastname"])
    newest, oldest = read.found[ids[0]].history["lastname"]
    assert (newest.value, newest.source_type, newest.source_id) == ("New", "INTEGRATION", "222")
    assert oldest.value == "Old"
    assert newest.timestamp is not None
    assert oldest.timestamp is not None
    assert newest.timestamp > oldest.timestamp
    assert len(read.found) == 60


async def test_a_merged_record_is_missing_in_bulk_and_followed_alone(
    hubspot: HubSpotUnderTest,
) -> None:
    first = await hubspot.control.create("contacts", {"email": "a@example.org"})
    second = await hubspot.control.create("contacts", {"email": "b@example.org"})
    answer = await hubspot.control.order("merge", object="contacts", id=first, other_id=second)
    found = await hubspot.client.read("contacts", second, ["email"])
    assert found is not None
    assert found.id == answer["id"]
    assert await hubspot.client.read("contacts", "999999999", ["email"]) is None


async def test_secondary_addresses_find_their_person(hubspot: HubSpotUnderTest) -> None:
    first = await hubspot.control.create("contacts", {"email": "a@example.org"})
    second = await hubspot.control.create("contacts", {"email": "b@example.org"})
    answer = await hubspot.control.order("merge", object="contacts", id=first, other_id=second)
    read = await hubspot.client.batch_read(
        "contacts", ["a@example.org", "b@example.org"], ["email"], id_property="email"
    )
    assert {asked: found.id for asked, found in read.found.items()} == {
        "a@example.org": answer["id"],
        "b@example.org": answer["id"],
    }


async def test_searches_page_through_what_the_index_knows(hubspot: HubSpotUnderTest) -> None:
    ids = await hubspot.control.seed(people=250)
    await hubspot.control.advance_clock(5)
    await hubspot.control.reset_calls()
    found: list[str] = []
    after: str | None = None
    for _page in range(3):
        page = await hubspot.client.search(
            "contacts",
            filters=[[Filter("email", "HAS_PROPERTY")]],
            properties=["email"],
            sort="hs_object_id",
            limit=100,
            after=after,
        )
        found += [one.id for one in page.records]
        after = page.next_after
    assert after is None
    assert sorted(found) == sorted(ids)
    assert hubspot.meter.taken == [CallKind.SEARCH] * 3


async def test_properties_are_made_once(hubspot: HubSpotUnderTest) -> None:
    known = {one.name: one for one in await hubspot.client.properties("contacts")}
    assert known["email"].type == "string"
    assert known["hs_object_id"].read_only
    assert not known["lastname"].read_only
    stage = known["lastname"]
    again = await hubspot.client.create_properties("contacts", [stage])
    assert again["lastname"] == Written("lastname", "lastname", created=False)


async def test_owners_and_the_account(hubspot: HubSpotUnderTest) -> None:
    made = await hubspot.control.order("owners", email="Grace@example.org", first_name="Grace")
    line = hubspot_under_test(
        hubspot.control, hubspot.http, scopes=("oauth", "crm.objects.owners.read")
    )
    owners = {owner.id: owner for owner in await line.client.owners()}
    account = await line.client.account()
    assert owners[made["id"]].email == "grace@example.org"
    assert owners[made["id"]].user_id == str(made["user_id"])
    assert (account.portal_id, account.type) == ("111", "STANDARD")


async def test_tasks_of_people(hubspot: HubSpotUnderTest) -> None:
    person = await hubspot.control.create("contacts", {"email": "a@example.org"})
    task = {"hs_timestamp": "2026-11-24T10:00:00Z", "hs_task_subject": "Call"}
    made = await hubspot.client.batch_create(
        "tasks", [CreateInput("a", task), CreateInput("b", task)]
    )
    a, b = (one.id for one in made.values() if isinstance(one, Written))
    results = await hubspot.client.associate(
        "tasks", "contacts", [Pair(a, person), Pair(b, "999999999")]
    )
    assert isinstance(results[f"{a}:{person}"], Written)
    assert isinstance(results[f"{b}:999999999"], Refused)
    assert await hubspot.client.associated("tasks", "contacts", [a, b]) == {a: (person,), b: ()}
    assert await hubspot.client.associated("contacts", "tasks", [person]) == {person: (a,)}
