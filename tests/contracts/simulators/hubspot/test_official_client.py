"""HubSpot's own client does not notice that it talks to an imitation."""

from typing import Any

import pytest
from hubspot.crm import contacts, objects, properties
from hubspot.crm.associations.v4 import models as v4
from hubspot.crm.contacts.exceptions import ApiException
from hubspot.oauth.exceptions import ApiException as OAuthException

from tests.contracts.simulators.hubspot.driver import Sim


def _new(client: Any, **values: str) -> Any:
    given = contacts.SimplePublicObjectInputForCreate(properties=values, associations=[])
    return client.crm.contacts.basic_api.create(simple_public_object_input_for_create=given)


def test_create_read_update_archive(client: Any) -> None:
    made = _new(client, email="Ada@Example.com", firstname="Ada")
    api = client.crm.contacts.basic_api
    read = api.get_by_id(made.id, properties=["email", "phone"], properties_with_history=["email"])
    assert read.properties["email"] == "ada@example.com"
    assert read.properties["phone"] is None
    assert read.properties_with_history["email"][0].source_type == "INTEGRATION"

    changed = api.update(
        made.id, simple_public_object_input=contacts.SimplePublicObjectInput({"phone": "123"})
    )
    assert changed.properties["phone"] == "123"
    assert changed.updated_at >= made.updated_at

    api.archive(made.id)
    with pytest.raises(ApiException) as caught:
        api.get_by_id(made.id)
    assert caught.value.status == 404


def test_read_by_an_address_in_the_path(client: Any) -> None:
    made = _new(client, email="ada@example.com")
    read = client.crm.contacts.basic_api.get_by_id("ada@example.com", id_property="email")
    assert read.id == made.id


def test_a_conflict_is_an_exception_with_the_existing_id(client: Any) -> None:
    made = _new(client, email="ada@example.com")
    with pytest.raises(ApiException) as caught:
        _new(client, email="ADA@example.com")
    assert caught.value.status == 409
    assert f"Existing ID: {made.id}" in caught.value.body


def test_get_all_follows_the_pages(client: Any, sim: Sim) -> None:
    sim.control("seed", {"people": 230, "seed": 7})
    found = client.crm.contacts.get_all(properties=["email"])
    assert len(found) == 230
    assert len({one.properties["email"] for one in found}) == 230


def test_batch_create_read_update_archive(client: Any) -> None:
    api = client.crm.contacts.batch_api
    inputs = [
        contacts.SimplePublicObjectBatchInputForCreate(
            properties={"email": f"p{n}@example.com"}, associations=[]
        )
        for n in range(3)
    ]
    made = api.create(contacts.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs))
    ids = [one.id for one in made.results]
    assert made.status == "COMPLETE"
    assert len(set(ids)) == 3

    edits = [
        contacts.SimplePublicObjectBatchInput(id=one, properties={"city": "Rīga"}) for one in ids
    ]
    assert len(api.update(contacts.BatchInputSimplePublicObjectBatchInput(edits)).results) == 3

    wanted = contacts.BatchReadInputSimplePublicObjectId(
        inputs=[contacts.SimplePublicObjectId(id=one) for one in ids],
        properties=["city"],
        properties_with_history=[],
    )
    read = api.read(batch_read_input_simple_public_object_id=wanted)
    assert {one.properties["city"] for one in read.results} == {"Rīga"}

    api.archive(
        contacts.BatchInputSimplePublicObjectId([contacts.SimplePublicObjectId(one) for one in ids])
    )
    assert client.crm.contacts.get_all() == []
    assert {one.id for one in client.crm.contacts.get_all(archived=True)} >= set(ids)


def test_batch_read_of_missing_ids_is_a_result_with_errors(client: Any) -> None:
    made = _new(client, email="ada@example.com")
    wanted = contacts.BatchReadInputSimplePublicObjectId(
        inputs=[contacts.SimplePublicObjectId(id=one) for one in (made.id, "99999")],
        properties=[],
        properties_with_history=[],
    )
    read = client.crm.contacts.batch_api.read(batch_read_input_simple_public_object_id=wanted)
    assert type(read).__name__ == "BatchResponseSimplePublicObjectWithErrors"
    assert read.num_errors == 1
    assert read.errors[0].context == {"ids": ["99999"]}


def test_upsert_by_address(client: Any) -> None:
    _new(client, email="ada@example.com", firstname="Ada")
    inputs = [
        contacts.SimplePublicObjectBatchInputUpsert(
            id=email, id_property="email", properties={"email": email, "firstname": name}
        )
        for email, name in (("ada@example.com", "Augusta"), ("bob@example.com", "Bob"))
    ]
    given = contacts.BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs)
    done = client.crm.contacts.batch_api.upsert(
        batch_input_simple_public_object_batch_input_upsert=given
    )
    assert sorted((one.properties["firstname"], one.new) for one in done.results) == [
        ("Augusta", False),
        ("Bob", True),
    ]


def test_search(client: Any) -> None:
    for name in ("Ada", "Bob", "Cem"):
        _new(client, email=f"{name}@example.com", firstname=name)
    request = contacts.PublicObjectSearchRequest(
        filter_groups=[
            {"filters": [{"propertyName": "firstname", "operator": "IN", "values": ["ada", "cem"]}]}
        ],
        sorts=[{"propertyName": "firstname", "direction": "DESCENDING"}],
        properties=["firstname"],
        limit=1,
    )
    page = client.crm.contacts.search_api.do_search(public_object_search_request=request)
    assert page.total == 2
    assert [one.properties["firstname"] for one in page.results] == ["Cem"]
    assert page.paging.next.after == "1"


def test_tasks_as_generic_objects(client: Any) -> None:
    given = objects.SimplePublicObjectInputForCreate(
        properties={"hs_timestamp": "1767225600000", "hs_task_subject": "Call Ada"}, associations=[]
    )
    made = client.crm.objects.basic_api.create("tasks", simple_public_object_input_for_create=given)
    read = client.crm.objects.basic_api.get_by_id(
        "0-27", made.id, properties=["hs_timestamp", "hs_task_subject", "hs_task_status"]
    )
    assert read.properties["hs_timestamp"] == "2026-01-01T00:00:00Z"
    assert read.properties["hs_task_status"] == "NOT_STARTED"


def test_properties(client: Any) -> None:
    api = client.crm.properties.core_api
    names = {one.name for one in api.get_all("contacts").results}
    assert {"email", "hs_additional_emails", "recent_conversion_date"} <= names
    given = properties.PropertyCreate(
        name="favourite_tea",
        label="Favourite tea",
        type="enumeration",
        field_type="select",
        group_name="contactinformation",
        options=[{"label": "Assam", "value": "assam", "displayOrder": 0, "hidden": False}],
    )
    made = api.create("contacts", property_create=given)
    assert made.options[0].value == "assam"
    assert api.get_by_name("contacts", "email").modification_metadata.read_only_value is False
    assert api.get_by_name("contacts", "createdate").modification_metadata.read_only_value is True
    api.archive("contacts", "favourite_tea")


def test_owners_with_the_trailing_slash(client: Any) -> None:
    page = client.crm.owners.owners_api.get_page()
    assert len(page.results) >= 3
    owner = client.crm.owners.owners_api.get_by_id(int(page.results[0].id))
    assert owner.email == page.results[0].email
    assert owner.user_id != int(owner.id)


def test_pipelines(client: Any) -> None:
    stages = client.crm.pipelines.pipelines_api.get_all("deals").results[0].stages
    assert [one.id for one in stages][-2:] == ["closedwon", "closedlost"]
    assert stages[-2].metadata == {"probability": "1.0", "isClosed": "true"}


def test_associations(client: Any, sim: Sim) -> None:
    contact_id, task_id = sim.contact(email="ada@example.com"), sim.task()
    done = client.crm.associations.v4.basic_api.create_default(
        "tasks", task_id, "contacts", contact_id
    )
    assert done.status == "COMPLETE"
    page = client.crm.associations.v4.basic_api.get_page("contacts", contact_id, "tasks")
    assert [one.to_object_id for one in page.results] == [task_id]
    wanted = v4.BatchInputPublicFetchAssociationsBatchRequest(
        inputs=[v4.PublicFetchAssociationsBatchRequest(id=task_id)]
    )
    read = client.crm.associations.v4.batch_api.get_page(
        "tasks", "contacts", batch_input_public_fetch_associations_batch_request=wanted
    )
    assert read.results[0].to[0].association_types[0].type_id == 204


def test_tokens(client: Any, sim: Sim) -> None:
    refresh_token = sim.control("token")["refresh_token"]
    issued = client.oauth.tokens_api.create(
        grant_type="refresh_token",
        client_id="simulated-client",
        client_secret="simulated-secret",
        refresh_token=refresh_token,
    )
    assert issued.expires_in == 1800
    assert client.oauth.access_tokens_api.get(issued.access_token).hub_id == 111
    client.oauth.refresh_tokens_api.archive(refresh_token)
    with pytest.raises(OAuthException) as caught:
        client.oauth.refresh_tokens_api.get(refresh_token)
    assert caught.value.status == 400
