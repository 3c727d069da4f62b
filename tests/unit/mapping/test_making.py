"""Properties that are made for fields: the order, its repeat, and what goes wrong."""

from dataclasses import replace

import pytest

from services.mapping.domain.bounds import bounded
from services.mapping.domain.model import Catalogue, HubSpotField, Option, Wanted
from services.mapping.domain.validate import validate
from services.mapping.handlers.auto_map import auto_map, suggestions_for
from services.mapping.handlers.choice import choose_recommended
from services.mapping.handlers.outcomes import Became, Outcome
from services.mapping.handlers.properties import made_properties, make_properties
from services.mapping.handlers.refusals import RefusedError
from shared.contracts.connection import ConnectionBroken
from shared.kernel.records import ObjectType, Side
from tests.unit.mapping.catalogues import hubspot, ordinary, salesforce
from tests.unit.mapping.fakes import FakeCrms, FakeStore
from tests.unit.mapping.test_handlers import ADMIN, ESTABLISHED, ID, hear

CONTACT = ObjectType.CONTACT
SCORE = ("Contact", "Score__c")
COLOURS = ("Contact", "Colours__c")
LEAD_SCORE = ("Lead", "Score__c")


async def chosen(catalogue: Catalogue | None = None) -> tuple[FakeStore, FakeCrms]:
    store = FakeStore()
    crms = FakeCrms(store, catalogue or ordinary())
    await hear(store, ESTABLISHED)
    await choose_recommended(store, crms, ID, ADMIN)
    return store, crms


async def make(
    store: FakeStore, crms: FakeCrms, *fields: tuple[str, str], dry_run: bool = False
) -> list[Outcome]:
    return list(
        await make_properties(store, crms, ID, CONTACT, fields, author=ADMIN, dry_run=dry_run)
    )


async def test_what_is_made_is_listed_kept_and_can_be_mapped() -> None:
    store, crms = await chosen()
    (outcome,) = await make(store, crms, SCORE, LEAD_SCORE)
    assert (outcome.became, outcome.planned.name) == (Became.CREATED, "salesforce_score__c")
    assert outcome.planned.salesforce_objects == ("Contact", "Lead")
    (made,) = await made_properties(store, ID, after=None, limit=10)
    assert (made.name, made.salesforce_field, made.author, made.restored) == (
        "salesforce_score__c",
        "Score__c",
        "ada",
        False,
    )
    catalogue = store.state.catalogues[ID]
    assert catalogue.properties(CONTACT)["salesforce_score__c"].group == "salesforceinformation"
    assert validate([Wanted("salesforce_score__c", "Score__c")], catalogue)[1] == ()


async def test_a_plan_makes_nothing() -> None:
    store, crms = await chosen()
    (outcome,) = await make(store, crms, SCORE, dry_run=True)
    assert outcome.became is Became.PLANNED
    assert crms.portal.calls == ["read"]
    assert await made_properties(store, ID, after=None, limit=10) == []


async def test_a_repeat_makes_nothing() -> None:
    store, crms = await chosen()
    await make(store, crms, SCORE)
    (again,) = await make(store, crms, SCORE)
    assert (again.became, again.planned.name) == (Became.EXISTS, "salesforce_score__c")
    assert crms.portal.calls.count("create") == 1
    assert len(await made_properties(store, ID, after=None, limit=10)) == 1


async def test_one_that_is_refused_does_not_stop_the_others() -> None:
    store, crms = await chosen()
    crms.portal.refused["salesforce_score__c"] = "The app may not."
    field = ("Contact", "Description")
    refused, made = await make(store, crms, SCORE, field)
    assert (refused.became, refused.problem) == (Became.FAILED, "The app may not.")
    assert made.became is Became.CREATED
    names = [one.name for one in await made_properties(store, ID, after=None, limit=10)]
    assert names == ["salesforce_description"]
    assert "salesforce_score__c" not in store.state.catalogues[ID].properties(CONTACT)


async def test_one_that_somebody_else_makes_meanwhile_is_taken_if_it_fits() -> None:
    store, crms = await chosen()
    name = "salesforce_score__c"
    crms.portal.raced[name] = hubspot(name, "number", "number")
    (outcome,) = await make(store, crms, SCORE)
    assert outcome.became is Became.EXISTS
    assert await made_properties(store, ID, after=None, limit=10) == []
    store, crms = await chosen()
    crms.portal.raced[name] = hubspot(name, "string", "text")
    (outcome,) = await make(store, crms, SCORE)
    assert outcome.became is Became.FAILED
    assert "another type meanwhile" in outcome.problem


async def test_one_in_the_recycle_bin_comes_back() -> None:
    store, crms = await chosen()
    name = "salesforce_score__c"
    crms.portal.archived[CONTACT] = {
        name: replace(hubspot(name, "number", "number"), archived=True)
    }
    (outcome,) = await make(store, crms, SCORE)
    assert outcome.became is Became.RESTORED
    (made,) = await made_properties(store, ID, after=None, limit=10)
    assert made.restored


async def test_fields_that_are_none_are_named() -> None:
    store, crms = await chosen()
    with pytest.raises(RefusedError) as refused:
        await make(store, crms, SCORE, ("Account", "Name"), ("Lead", "Nope__c"))
    assert refused.value.code == "settings_invalid"
    assert [problem.field for problem in refused.value.problems] == [
        "fields[1].salesforce_object",
        "fields[2].field",
    ]
    assert crms.portal.calls == []


async def test_it_needs_both_sides_and_a_catalogue() -> None:
    store = FakeStore()
    crms = FakeCrms(store, ordinary())
    with pytest.raises(RefusedError) as unknown:
        await make(store, crms, SCORE)
    await hear(store, ESTABLISHED)
    with pytest.raises(RefusedError) as unread:
        await make(store, crms, SCORE)
    await hear(store, ConnectionBroken(side=Side.HUBSPOT, reason="revoked"))
    with pytest.raises(RefusedError) as broken:
        await make(store, crms, SCORE)
    assert [one.value.code for one in (unknown, unread, broken)] == [
        "unknown_connection",
        "no_settings",
        "not_connected",
    ]


async def test_values_that_were_too_many_to_keep_are_read_again() -> None:
    many = tuple(Option(f"v{n}", f"V{n}") for n in range(4_000))
    whole = ordinary()
    colours = replace(whole.salesforce["Contact"]["Colours__c"], options=many)
    contact = {**whole.salesforce["Contact"], "Colours__c": colours}
    complete = replace(whole, salesforce={**whole.salesforce, "Contact": contact})
    kept = {**whole.salesforce, "Contact": bounded(contact.values(), limit=100)}
    store, crms = await chosen(replace(whole, salesforce=kept))
    crms.complete = complete
    (outcome,) = await make(store, crms, COLOURS)
    assert outcome.planned.new is not None
    assert len(outcome.planned.new.options) == 4_000
    assert crms.portal.calls == ["describe", "read", "create"]


async def test_suggestions_ask_nobody() -> None:
    store, crms = await chosen()
    found = {one.field: one for one in await suggestions_for(store, ID, CONTACT)}
    assert "Email" not in found
    assert found["Score__c"].planned is not None
    assert (found["AnnualRevenue"].existing, found["Description"].existing) == ("", "")
    assert crms.portal.calls == []
    with pytest.raises(RefusedError):
        await suggestions_for(FakeStore(), ID, CONTACT)


async def test_auto_mapping_maps_every_field_that_can_be() -> None:
    store, crms = await chosen()
    mapped = await auto_map(store, crms, ID, CONTACT, [], author=ADMIN, create=True)
    catalogue = store.state.catalogues[ID]
    assert validate(mapped.wanted, catalogue)[1] == ()
    by_field = {one.salesforce_field: one for one in mapped.wanted}
    assert by_field["Email"].hubspot_property == "email"
    assert by_field["Score__c"].hubspot_property == "salesforce_score__c"
    assert by_field["Score__c"].salesforce_objects == ("Contact", "Lead")
    why = dict(mapped.left_out)
    assert "associations" in why["AccountId"]
    assert "no values" in why["Colours__c"]
    made = await made_properties(store, ID, after=None, limit=50)
    assert {one.name for one in made} == {
        one.planned.name for one in mapped.outcomes if one.became is Became.CREATED
    }
    again = await auto_map(store, crms, ID, CONTACT, mapped.wanted, author=ADMIN, create=True)
    assert again.wanted == ()
    assert crms.portal.calls.count("create") == 1


async def test_auto_mapping_without_making_uses_what_there_is() -> None:
    store, crms = await chosen()
    mapped = await auto_map(store, crms, ID, CONTACT, [], author=ADMIN, create=False)
    assert {one.salesforce_field for one in mapped.wanted} >= {"Email", "FirstName", "Phone"}
    assert dict(mapped.left_out)["Score__c"] == "HubSpot has no property for it; one would be made"
    assert "create" not in crms.portal.calls


async def test_one_that_could_not_be_made_is_left_out() -> None:
    store, crms = await chosen()
    crms.portal.refused["salesforce_score__c"] = "No."
    mapped = await auto_map(store, crms, ID, CONTACT, [], author=ADMIN, create=True)
    assert "Score__c" not in {one.salesforce_field for one in mapped.wanted}
    assert dict(mapped.left_out)["Score__c"] == "No."


async def test_contact_and_lead_of_types_that_are_told_apart_share_one_property() -> None:
    catalogue = Catalogue(
        {CONTACT: {"email": hubspot("email")}},
        {
            "Contact": {"Other__c": salesforce("Other__c", "email")},
            "Lead": {"Other__c": salesforce("Other__c", "string")},
        },
    )
    store, crms = await chosen(catalogue)
    mapped = await auto_map(store, crms, ID, CONTACT, [], author=ADMIN, create=True)
    assert [(one.hubspot_property, one.salesforce_objects) for one in mapped.wanted] == [
        ("salesforce_other__c", ("Contact",)),
        ("salesforce_other__c", ("Lead",)),
    ]
    assert isinstance(store.state.catalogues[ID].properties(CONTACT)["email"], HubSpotField)
