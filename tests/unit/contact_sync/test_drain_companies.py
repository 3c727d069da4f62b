"""Draining on fakes: companies and accounts, and the people who belong to them."""

import pytest

from services.contact_sync.domain.journal import Operation
from shared.contracts.contact_sync import RecordLinked, RecordParked, RecordSynced, RecordUnlinked
from shared.contracts.settings import CompanySettings
from shared.kernel.records import ObjectType, Side
from tests.fakes.contact_sync.news import News
from tests.fakes.contact_sync.stage import Stage

ON = CompanySettings(enabled=True)
BY_DOMAIN = CompanySettings(enabled=True, match_by_domain=True)
LANE = "company"


@pytest.fixture
def stage() -> Stage:
    """Companies are on, nobody anywhere."""
    return Stage.build(companies=ON)


def companies(stage: Stage) -> set[tuple[str, str]]:
    return {
        (link.hubspot_id, link.salesforce_id)
        for link in stage.store.links
        if link.object_type is ObjectType.COMPANY
    }


def codes(stage: Stage) -> set[tuple[ObjectType, str, str]]:
    return {(p.claim.object_type, p.claim.record_id, p.code) for p in stage.store.parked}


async def test_a_company_makes_an_account(stage: Stage) -> None:
    one = stage.crms.companies.add(name="Acme", domain="acme.test", phone="1")
    await stage.settle_down()

    ((made, record),) = stage.crms.salesforce.records.items()
    assert record.object_name == "Account"
    assert record.values == {
        "Name": "Acme",
        "Website": "acme.test",
        "Phone": "1",
        "Causeway_Key__c": f"4711:company:{one}",
    }
    assert companies(stage) == {(one, made)}


async def test_an_account_makes_a_company(stage: Stage) -> None:
    one = stage.crms.salesforce.add("Account", Name="Acme", Phone="1")
    await stage.settle_down()

    ((made, company),) = stage.crms.companies.contacts.items()
    assert company.values == {
        "name": "Acme",
        "phone": "1",
        "causeway_key": f"00D000000000001:{one}",
    }
    assert companies(stage) == {(made, one)}


async def test_what_became_of_a_company_is_told_as_of_a_company(stage: Stage) -> None:
    one = stage.crms.companies.add(name="Acme")
    await stage.settle_down()
    stage.crms.companies.delete(one)
    await stage.settle_down()

    linked, synced, unlinked = stage.store.events
    assert isinstance(linked, RecordLinked)
    assert isinstance(synced, RecordSynced)
    assert isinstance(unlinked, RecordUnlinked)
    kinds = {linked.object_type, synced.object_type, unlinked.object_type}
    assert kinds == {ObjectType.COMPANY}
    assert {o.subject for o in stage.store.state.outbox.values()} == {f"company/{one}"}
    (entry,) = stage.store.journal
    assert (entry.operation, entry.object_name) == (Operation.CREATE, "Account")
    assert len(stage.crms.salesforce.records) == 1


async def test_a_contact_and_a_company_may_have_the_same_id(stage: Stage) -> None:
    person = stage.crms.hubspot.add(email="ada@x.test", lastname="L")
    company = stage.crms.companies.add(name="Acme")
    assert person == company
    await stage.settle_down()

    assert len(stage.store.links) == 2
    assert {r.object_name for r in stage.crms.salesforce.records.values()} == {"Contact", "Account"}


async def test_companies_that_are_off_cost_no_call() -> None:
    stage = Stage.build(companies=CompanySettings())
    stage.crms.companies.add(name="Acme")
    assert await stage.tell_all() == 0
    assert stage.store.waiting == set()
    await stage.note(Side.HUBSPOT, "101", lane=LANE)
    await stage.drain_all()

    assert stage.crms.calls == []
    assert stage.store.waiting == set()


@pytest.mark.parametrize(
    ("side", "settings"),
    [
        (Side.HUBSPOT, CompanySettings(enabled=True, create_in_salesforce=False)),
        (Side.SALESFORCE, CompanySettings(enabled=True, create_in_hubspot=False)),
    ],
)
async def test_nothing_is_created_where_the_settings_say_so(
    side: Side, settings: CompanySettings
) -> None:
    stage = Stage.build(companies=settings)
    if side is Side.HUBSPOT:
        stage.crms.companies.add(name="Acme")
    else:
        stage.crms.salesforce.add("Account", Name="Acme")
    await stage.settle_down()

    assert stage.crms.writes == []
    assert stage.store.parked == []


async def test_an_account_is_named_after_the_domain_of_a_company_without_a_name(
    stage: Stage,
) -> None:
    one = stage.crms.companies.add(domain="acme.test")
    await stage.settle_down()

    (record,) = stage.crms.salesforce.records.values()
    assert record.values["Name"] == "acme.test"
    assert stage.crms.companies.value(one, "name") == "acme.test"


async def test_a_company_without_name_and_domain_waits(stage: Stage) -> None:
    one = stage.crms.companies.add(phone="1")
    await stage.settle_down()

    assert codes(stage) == {(ObjectType.COMPANY, one, "no_name")}
    (event,) = stage.store.events
    assert isinstance(event, RecordParked)
    assert event.object_type is ObjectType.COMPANY

    stage.crms.companies.edit(one, name="Acme")
    await stage.settle_down()
    assert codes(stage) == set()
    assert len(companies(stage)) == 1


@pytest.mark.parametrize(("settings", "pairs"), [(BY_DOMAIN, 1), (ON, 2)])
async def test_a_domain_joins_two_companies_only_if_the_admin_allows(
    settings: CompanySettings, pairs: int
) -> None:
    stage = Stage.build(companies=settings)
    stage.crms.companies.add(name="Acme", domain="acme.test")
    stage.crms.salesforce.add("Account", Name="ACME Inc", Website="https://www.ACME.test/home")
    await stage.settle_down()

    assert len(companies(stage)) == pairs
    assert len(stage.crms.salesforce.records) == pairs


@pytest.mark.parametrize("side", [Side.HUBSPOT, Side.SALESFORCE])
async def test_several_accounts_of_one_domain_are_flagged_and_the_others_wait(side: Side) -> None:
    stage = Stage.build(companies=BY_DOMAIN)
    first = stage.crms.salesforce.add("Account", Name="One", Website="acme.test")
    second = stage.crms.salesforce.add("Account", Name="Two", Website="acme.test")
    one = stage.crms.companies.add(name="Acme", domain="acme.test")
    claimed = [one] if side is Side.HUBSPOT else [first, second]
    await stage.note(side, *claimed, lane=LANE)
    await stage.drain_all()

    (link,) = stage.store.links
    assert (link.hubspot_id, link.salesforce_id, link.ambiguous) == (one, second, True)
    if side is Side.SALESFORCE:
        assert codes(stage) == {(ObjectType.COMPANY, first, "duplicate_company")}


async def test_several_companies_of_one_domain_are_flagged() -> None:
    stage = Stage.build(companies=BY_DOMAIN)
    account = stage.crms.salesforce.add("Account", Name="Acme", Website="acme.test")
    first = stage.crms.companies.add(name="One", domain="acme.test")
    stage.crms.companies.add(name="Two", domain="acme.test")
    await stage.note(Side.SALESFORCE, account, lane=LANE)
    await stage.drain_all()

    (link,) = stage.store.links
    assert (link.hubspot_id, link.ambiguous) == (first, True)


async def test_a_contact_is_created_in_the_company_that_is_linked_already(stage: Stage) -> None:
    company = stage.crms.companies.add(name="Acme")
    await stage.settle_down()
    ((_, account),) = companies(stage)
    stage.crms.hubspot.add(email="ada@x.test", lastname="L", associatedcompanyid=company)
    mate = stage.crms.salesforce.add(Email="bo@x.test", LastName="B", AccountId=account)
    await stage.settle_down()

    made = next(r for r in stage.crms.salesforce.records.values() if r.email == "ada@x.test")
    assert made.values["AccountId"] == account
    found = stage.crms.hubspot.by_email("bo@x.test")
    assert found is not None
    assert found.values["associatedcompanyid"] == company
    assert stage.crms.salesforce.value(mate, "AccountId") == account


@pytest.mark.parametrize("side", [Side.HUBSPOT, Side.SALESFORCE])
async def test_a_contact_that_is_linked_first_is_joined_when_its_company_is(
    stage: Stage, side: Side
) -> None:
    if side is Side.HUBSPOT:
        company = stage.crms.companies.add(name="Acme")
        stage.crms.hubspot.add(email="ada@x.test", lastname="L", associatedcompanyid=company)
    else:
        account = stage.crms.salesforce.add("Account", Name="Acme")
        stage.crms.salesforce.add(Email="ada@x.test", LastName="L", AccountId=account)
    held = [n for n in stage.crms.news if n.object_type is ObjectType.COMPANY]
    stage.crms.news[:] = [n for n in stage.crms.news if n not in held]
    await stage.settle_down()
    assert len(stage.store.links) == 1
    assert len(stage.store.state.members) == 1
    before = list(stage.crms.calls)
    await stage.drain_all()
    assert stage.crms.calls == before

    await stage.tell(*held)
    await stage.settle_down()

    ((company, account),) = companies(stage)
    (link,) = (one for one in stage.store.links if one.object_type is ObjectType.CONTACT)
    assert stage.crms.salesforce.value(link.salesforce_id, "AccountId") == account
    assert stage.crms.hubspot.value(link.hubspot_id, "associatedcompanyid") == company
    assert stage.store.state.members == {}


async def test_a_company_that_is_linked_while_its_contact_syncs_is_not_missed(
    stage: Stage,
) -> None:
    company = stage.crms.companies.add(name="Acme")
    stage.crms.hubspot.add(email="ada@x.test", lastname="L", associatedcompanyid=company)
    stage.crms.news.clear()
    await stage.note(Side.HUBSPOT, "101")

    async def link() -> None:
        await stage.note(Side.HUBSPOT, company, lane=LANE)
        await stage.drain_once()

    stage.crms.faults.meanwhile["create_in_salesforce"] = [link]
    await stage.drain_all()
    await stage.settle_down()

    ((_, account),) = companies(stage)
    people = [r for r in stage.crms.salesforce.records.values() if r.object_name == "Contact"]
    assert [r.values["AccountId"] for r in people] == [account]


async def test_a_contact_that_moves_takes_its_company_along(stage: Stage) -> None:
    first = stage.crms.companies.add(name="First")
    second = stage.crms.companies.add(name="Second")
    person = stage.crms.hubspot.add(email="a@x.test", lastname="L", associatedcompanyid=first)
    await stage.settle_down()
    accounts = dict(companies(stage))
    (record,) = (r for r in stage.crms.salesforce.records.values() if r.object_name == "Contact")
    assert record.values["AccountId"] == accounts[first]

    stage.clock.advance(stage.drain.lease)
    stage.crms.salesforce.edit(record.id, AccountId=accounts[second])
    await stage.settle_down()
    assert stage.crms.hubspot.value(person, "associatedcompanyid") == second

    stage.crms.hubspot.edit(person, associatedcompanyid="")
    await stage.settle_down()
    assert record.values["AccountId"] == accounts[second]


async def test_an_echo_of_a_company_is_dropped(stage: Stage) -> None:
    one = stage.crms.companies.add(name="Acme")
    await stage.settle_down()
    news = News(
        Side.HUBSPOT, one, "updated", {"name": "Acme"}, ours=True, object_type=ObjectType.COMPANY
    )

    assert await stage.tell(news) == 1
