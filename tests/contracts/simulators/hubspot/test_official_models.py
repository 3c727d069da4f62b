"""HubSpot's own model classes, told to be strict, take every answer of the imitation.

Strict means that a missing field or a value outside an enumeration is a ValueError.
"""

from typing import Any

import pytest
from hubspot.crm import lists, objects, properties
from hubspot.crm.associations.v4 import models as v4
from hubspot.crm.associations.v4.schema import models as labels
from hubspot.crm.lists.exceptions import ApiException

from tests.contracts.simulators.hubspot.driver import Sim
from tests.contracts.simulators.hubspot.lists import new_list, where

CITY = where("city", "MULTISTRING", "IS_EQUAL_TO", values=["Rīga"])


def test_strict_means_that_a_missing_field_is_an_error(strict: Any) -> None:
    configuration = strict.crm.lists.lists_api.api_client.configuration
    with pytest.raises(ValueError, match="records_ids_added"):
        lists.MembershipsUpdateResponse(
            record_ids_removed=[], record_ids_missing=[], local_vars_configuration=configuration
        )


def test_lists(strict: Any) -> None:
    api = strict.crm.lists.lists_api
    given = lists.ListCreateRequest(
        name="Newsletter", object_type_id="0-1", processing_type="MANUAL"
    )
    made = api.create(list_create_request=given).list
    assert made.processing_status == "COMPLETE"
    assert api.get_by_id(made.list_id).list.name == "Newsletter"
    assert api.get_by_name("Newsletter", "0-1").list.list_id == made.list_id
    assert [one.name for one in api.get_all(list_ids=[made.list_id]).lists] == ["Newsletter"]
    renamed = api.update_name(made.list_id, list_name="Letters").updated_list
    assert renamed.name == "Letters"
    api.remove(made.list_id)
    with pytest.raises(ApiException) as caught:
        api.get_by_id(made.list_id)
    assert caught.value.status == 404
    api.restore(made.list_id)
    wanted = lists.ListSearchRequest(
        list_ids=[made.list_id],
        offset=0,
        query="",
        count=20,
        processing_types=["MANUAL"],
        additional_properties=["hs_list_size"],
        sort="",
    )
    [found] = api.do_search(list_search_request=wanted).lists
    assert found.additional_properties == {"hs_list_size": "0"}


def test_memberships(strict: Any, sim: Sim) -> None:
    api = strict.crm.lists.memberships_api
    ada, bob = sim.contact(email="ada@example.com"), sim.contact(email="bob@example.com")
    list_id, copy = new_list(sim, "Newsletter"), new_list(sim, "Copy")
    done = api.add(list_id, request_body=[ada, bob, "999"])
    assert (done.records_ids_added, done.record_ids_missing) == ([ada, bob], ["999"])
    page = api.get_page(list_id, limit=1)
    assert [one.record_id for one in page.results] == [ada]
    rest = api.get_page(list_id, limit=1, after=page.paging.next.after)
    assert [one.record_id for one in rest.results] == [bob]
    joined = api.get_page_ordered_by_added_to_list_date(list_id)
    assert joined.results[0].membership_timestamp.tzinfo is not None
    [membership] = api.get_lists("0-1", ada).results
    assert membership.list_id == list_id
    api.add_all_from_list(copy, list_id)
    assert api.get_page(copy).total == 2
    change = lists.MembershipChangeRequest(record_ids_to_remove=[ada], record_ids_to_add=[])
    both = api.add_and_remove(list_id, membership_change_request=change)
    assert both.record_ids_removed == [ada]
    assert api.remove(list_id, request_body=[bob]).record_ids_removed == [bob]
    api.remove_all(copy)
    assert api.get_page(copy).results == []


def test_a_dynamic_list(client: Any, sim: Sim) -> None:
    """Not strict: the client's model of a filter branch is all kinds of branches in one."""
    ada = sim.contact(email="ada@example.com", city="Rīga")
    given = lists.ListCreateRequest(
        name="Rīga", object_type_id="0-1", processing_type="DYNAMIC", filter_branch=CITY
    )
    made = client.crm.lists.lists_api.create(list_create_request=given).list
    assert made.filter_branch.filter_branch_type == "OR"
    sim.control("clock", {"advance_seconds": 5})
    page = client.crm.lists.memberships_api.get_page(made.list_id)
    assert [one.record_id for one in page.results] == [ada]


def test_forms(client: Any, sim: Sim) -> None:
    """Not strict: the client's model of a field is all kinds of fields in one."""
    form_id = sim.control("forms", {"name": "Demo", "fields": ["email", "firstname"]})["id"]
    sim.control("forms", {"name": "Price list"})
    api = client.marketing.forms.forms_api
    first = api.get_page(limit=1)
    assert [one.name for one in first.results] == ["Demo"]
    second = api.get_page(limit=1, after=first.paging.next.after)
    assert [one.name for one in second.results] == ["Price list"]
    form = api.get_by_id(form_id)
    assert form.configuration.post_submit_action.type == "thank_you"
    assert form.created_at.tzinfo is not None
    assert form.display_options.style.submit_alignment == "left"
    assert [group.fields[0].name for group in form.field_groups] == ["email", "firstname"]


def test_properties_and_groups(strict: Any) -> None:
    for kind in ("contacts", "companies", "deals", "tasks", "notes", "calls", "emails", "meetings"):
        for one in strict.crm.properties.core_api.get_all(kind).results:
            assert one.modification_metadata is not None, (kind, one.name)
            assert strict.crm.properties.groups_api.get_by_name(kind, one.group_name).label
    given = properties.PropertyGroupCreate(name="tea", label="Tea", display_order=-1)
    made = strict.crm.properties.groups_api.create("contacts", property_group_create=given)
    assert made.archived is False
    strict.crm.properties.groups_api.archive("contacts", "tea")


def test_owners(strict: Any, sim: Sim) -> None:
    gone = sim.control("owners", {"email": "gone@example.com", "archived": True})
    owner = strict.crm.owners.owners_api.get_page(limit=1).results[0]
    assert owner.type == "PERSON"
    assert (
        strict.crm.owners.owners_api.get_by_id(owner.user_id, id_property="userId").id == owner.id
    )
    archived = strict.crm.owners.owners_api.get_page(archived=True).results
    assert gone["id"] in {one.id for one in archived}


def test_pipelines(strict: Any) -> None:
    [pipeline] = strict.crm.pipelines.pipelines_api.get_all("deals").results
    assert pipeline.label == "Sales Pipeline"
    stages = strict.crm.pipelines.pipeline_stages_api.get_all("deals", pipeline.id).results
    assert len(stages) == 7
    first = strict.crm.pipelines.pipeline_stages_api.get_by_id("deals", pipeline.id, stages[0].id)
    assert first.metadata["probability"] == "0.2"


def test_associations_and_labels(strict: Any, sim: Sim) -> None:
    contact_id, task_id = sim.contact(email="ada@example.com"), sim.task()
    pair = v4.PublicAssociationMultiPost(
        _from={"id": task_id},
        to={"id": contact_id},
        types=[{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}],
    )
    given = v4.BatchInputPublicAssociationMultiPost(inputs=[pair])
    api = strict.crm.associations.v4.batch_api
    made = api.create("tasks", "contacts", batch_input_public_association_multi_post=given)
    assert made.status == "COMPLETE"
    page = strict.crm.associations.v4.basic_api.get_page("tasks", task_id, "contacts")
    assert page.results[0].association_types[0].type_id == 204

    label = labels.PublicAssociationDefinitionCreateRequest(name="advisor", label="Advisor")
    definitions = strict.crm.associations.v4.schema.definitions_api
    pairs = definitions.create(
        "contacts", "companies", public_association_definition_create_request=label
    )
    known = {one.type_id for one in definitions.get_all("contacts", "companies").results}
    assert {one.type_id for one in pairs.results} & known
    assert 279 in known


def test_introspection_of_tokens(strict: Any, sim: Sim) -> None:
    refresh_token = sim.control("token")["refresh_token"]
    issued = strict.oauth.tokens_api.create(
        grant_type="refresh_token",
        client_id="simulated-client",
        client_secret="simulated-secret",
        refresh_token=refresh_token,
    )
    access = strict.oauth.access_tokens_api.get(issued.access_token)
    assert (access.hub_id, access.token_type) == (111, "access")
    assert "oauth" in access.scopes
    refresh = strict.oauth.refresh_tokens_api.get(refresh_token)
    assert (refresh.client_id, refresh.token_type) == ("simulated-client", "refresh")


@pytest.mark.parametrize(
    ("kind", "more"),
    [("notes", {}), ("calls", {}), ("meetings", {}), ("emails", {"hs_email_direction": "EMAIL"})],
)
def test_engagements(strict: Any, kind: str, more: dict[str, str]) -> None:
    given = objects.SimplePublicObjectInputForCreate(
        properties={"hs_timestamp": "1767225600000", **more}, associations=[]
    )
    api = strict.crm.objects.basic_api
    made = api.create(kind, simple_public_object_input_for_create=given)
    assert api.get_page(kind).results[0].id == made.id
    api.archive(kind, made.id)
    assert api.get_page(kind, archived=True).results[0].archived_at is not None


def test_a_merge_through_the_escape_hatch(client: Any, sim: Sim) -> None:
    """The client has no call for a merge or a deletion for good."""
    ada, ida = sim.contact(email="ada@example.com"), sim.contact(email="ida@example.com")
    body = {"primaryObjectId": ada, "objectIdToMerge": ida}
    path = "/crm/v3/objects/contacts/merge"
    merged = client.api_request({"method": "POST", "path": path, "body": body}).json()
    assert client.crm.contacts.basic_api.get_by_id(ida).id == merged["id"]
