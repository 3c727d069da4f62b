from typing import Any

import pytest

from tests.contracts.simulators.hubspot.driver import Json, Sim

BATCH = "/crm/v3/objects/contacts/batch"


def _inputs(*emails: str, traced: bool = False) -> Json:
    inputs: list[Json] = [{"properties": {"email": email}} for email in emails]
    if traced:
        for number, one in enumerate(inputs):
            one["objectWriteTraceId"] = f"t{number}"
    return {"inputs": inputs}


def _emails(body: Json) -> set[str]:
    return {one["properties"]["email"] for one in body["results"]}


def test_line_4_without_trace_ids_one_bad_input_stops_all(sim: Sim) -> None:
    answer = sim.post(f"{BATCH}/create", _inputs("ada@example.com", "not-an-address"))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "INVALID_EMAIL"
    assert sim.look("records/contacts") == []


def test_line_4_with_trace_ids_on_all_inputs_the_good_ones_go_through(sim: Sim) -> None:
    answer = sim.post(
        f"{BATCH}/create",
        _inputs("ada@example.com", "not-an-address", "bob@example.com", traced=True),
    )
    assert answer.status_code == 207
    body = answer.json()
    assert body["status"] == "COMPLETE"
    assert _emails(body) == {"ada@example.com", "bob@example.com"}
    assert {one["objectWriteTraceId"] for one in body["results"]} == {"t0", "t2"}
    assert body["numErrors"] == 1
    assert body["errors"][0]["context"] == {"objectWriteTraceId": ["t1"]}
    assert body["errors"][0]["category"] == "VALIDATION_ERROR"


def test_line_4_one_input_without_a_trace_id_spoils_them_all(sim: Sim) -> None:
    body = _inputs("ada@example.com", "not-an-address", "bob@example.com", traced=True)
    del body["inputs"][2]["objectWriteTraceId"]
    assert sim.post(f"{BATCH}/create", body).status_code == 400
    body["inputs"][2]["objectWriteTraceId"] = "t0"
    assert sim.post(f"{BATCH}/create", body).status_code == 400
    assert sim.look("records/contacts") == []


def test_line_2_a_batch_conflict_hides_the_id_without_trace_ids(sim: Sim) -> None:
    existing = sim.contact(email="ada@example.com")
    plain = sim.post(f"{BATCH}/create", _inputs("bob@example.com", "Ada@example.com"))
    assert plain.status_code == 409
    assert plain.json()["message"] == "Contact already exists"
    traced = sim.post(f"{BATCH}/create", _inputs("bob@example.com", "Ada@example.com", traced=True))
    assert traced.status_code == 207
    assert traced.json()["errors"][0]["category"] == "CONFLICT"
    assert traced.json()["errors"][0]["context"] == {
        "objectWriteTraceId": ["t1"],
        "existingId": [existing],
    }


def test_the_same_address_twice_in_one_batch(sim: Sim) -> None:
    plain = sim.post(f"{BATCH}/create", _inputs("ada@example.com", "ADA@example.com"))
    assert plain.status_code == 409
    traced = sim.post(f"{BATCH}/create", _inputs("ada@example.com", "ADA@example.com", traced=True))
    assert traced.status_code == 207
    assert len(traced.json()["results"]) == 1


def test_line_4_results_come_in_another_order(sim: Sim) -> None:
    emails = [f"p{number:03}@example.com" for number in range(100)]
    made = sim.post(f"{BATCH}/create", _inputs(*emails)).json()["results"]
    assert [one["properties"]["email"] for one in made] != emails
    read = sim.post(f"{BATCH}/read", {"inputs": [{"id": one["id"]} for one in made]}).json()
    assert [one["id"] for one in read["results"]] != [one["id"] for one in made]
    assert _emails(read) == set(emails)


def test_too_many_inputs(sim: Sim) -> None:
    inputs = [{"id": str(number)} for number in range(101)]
    for verb in ("read", "update", "archive", "create", "upsert"):
        answer = sim.post(f"{BATCH}/{verb}", {"inputs": inputs})
        assert answer.status_code == 400
        assert answer.json()["message"] == (
            "The maximum number of inputs supported in a batch is 100. "
            "Please reduce the number of items and try again"
        )
    with_history = {"inputs": inputs[:51], "propertiesWithHistory": ["email"]}
    answer = sim.post(f"{BATCH}/read", with_history)
    assert "in a batch request for property histories is 50" in answer.json()["message"]


def test_line_4_reading_missing_ids_is_a_207_with_one_error(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com")
    body = {"inputs": [{"id": record_id}, {"id": "9998"}, {"id": "9999"}]}
    answer = sim.post(f"{BATCH}/read", body)
    assert answer.status_code == 207
    assert answer.json()["numErrors"] == 1
    assert answer.json()["errors"] == [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "Could not get some CONTACT objects, they may be deleted or not exist. "
            "Check that ids are valid.",
            "context": {"ids": ["9998", "9999"]},
        }
    ]


def test_read_by_a_unique_property_with_history(sim: Sim) -> None:
    sim.unique_property("reference")
    record_id = sim.contact(email="ada@example.com", reference="R1")
    body = {
        "inputs": [{"id": "R1"}],
        "idProperty": "reference",
        "properties": ["reference"],
        "propertiesWithHistory": ["email"],
    }
    found = sim.post(f"{BATCH}/read", body).json()["results"]
    assert [one["id"] for one in found] == [record_id]
    assert found[0]["properties"]["reference"] == "R1"
    assert found[0]["propertiesWithHistory"]["email"][0]["value"] == "ada@example.com"


def test_line_4_updating_missing_ids_is_a_207(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com")
    inputs = [{"id": one, "properties": {"city": "Rīga"}} for one in (record_id, "9999")]
    answer = sim.post(f"{BATCH}/update", {"inputs": inputs})
    assert answer.status_code == 207
    assert [one["id"] for one in answer.json()["results"]] == [record_id]
    assert answer.json()["errors"][0]["context"] == {"ids": ["9999"]}
    assert sim.values("contacts", record_id)["city"] == "Rīga"


def test_an_update_shows_only_what_changed_and_the_system_values(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com", city="Rīga")
    inputs = [{"id": record_id, "properties": {"city": "Rīga", "phone": "1"}}]
    result = sim.post(f"{BATCH}/update", {"inputs": inputs}).json()["results"][0]
    assert sorted(result["properties"]) == [
        "createdate",
        "hs_object_id",
        "lastmodifieddate",
        "phone",
    ]


def test_line_4_merged_ids_are_left_out_without_a_word(sim: Sim) -> None:
    primary, other = sim.contact(email="ada@example.com"), sim.contact(email="bob@example.com")
    third = sim.contact(email="cem@example.com")
    sim.control("merge", {"object": "contacts", "id": primary, "other_id": other})
    inputs = [{"id": one, "properties": {"city": "Rīga"}} for one in (primary, third)]
    for verb in ("update", "read"):
        answer = sim.post(f"{BATCH}/{verb}", {"inputs": inputs})
        assert answer.status_code == 200
        assert [one["id"] for one in answer.json()["results"]] == [third]


def test_duplicate_ids(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com")
    inputs = [{"id": record_id, "properties": {"city": city}} for city in ("A", "B")]
    answer = sim.post(f"{BATCH}/update", {"inputs": inputs})
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        f"Duplicate IDs found in batch input: [{record_id}]. IDs must be unique"
    )
    assert answer.json()["context"] == {"ids": [record_id]}


def _upsert(sim: Sim, *inputs: tuple[str, Json], id_property: str, traced: bool = False) -> Any:
    body = [
        {"id": key, "idProperty": id_property, "properties": properties}
        | ({"objectWriteTraceId": key} if traced else {})
        for key, properties in inputs
    ]
    return sim.post(f"{BATCH}/upsert", {"inputs": body})


def test_upsert_by_a_unique_property_creates_once(sim: Sim) -> None:
    sim.unique_property("reference")
    rows = (("R1", {"firstname": "Ada"}), ("R2", {"firstname": "Bob"}))
    first = _upsert(sim, *rows, id_property="reference").json()["results"]
    second = _upsert(sim, *rows, id_property="reference").json()["results"]
    assert {one["id"] for one in first} == {one["id"] for one in second}
    assert [one["new"] for one in first + second] == [True, True, False, False]
    assert {one["fields"]["reference"] for one in sim.look("records/contacts")} == {"R1", "R2"}


def test_upsert_with_trace_ids_is_partial(sim: Sim) -> None:
    sim.unique_property("reference")
    rows = (("R1", {"firstname": "Ada"}), ("R2", {"email": "not-an-address"}))
    answer = _upsert(sim, *rows, id_property="reference", traced=True)
    assert answer.status_code == 207
    assert [one["objectWriteTraceId"] for one in answer.json()["results"]] == ["R1"]
    assert answer.json()["errors"][0]["context"] == {"objectWriteTraceId": ["R2"]}
    assert _upsert(sim, *rows, id_property="reference").status_code == 400


def test_line_2_upsert_clash_names_the_holder_in_coordinates(sim: Sim) -> None:
    sim.unique_property("reference")
    holder = sim.contact(email="ada@example.com")
    answer = _upsert(sim, ("R9", {"email": "ada@example.com"}), id_property="reference")
    assert answer.status_code == 400
    assert answer.json()["message"].endswith(f". {holder} already has that value.")
    assert "propertyName=email, value=ada@example.com}" in answer.json()["message"]


@pytest.mark.parametrize(("kind", "type_id"), [("companies", "0-2"), ("deals", "0-3")])
def test_upsert_by_a_property_that_is_not_unique(sim: Sim, kind: str, type_id: str) -> None:
    inputs = [{"id": "x", "idProperty": "description", "properties": {}}]
    answer = sim.post(f"/crm/v3/objects/{kind}/batch/upsert", {"inputs": inputs})
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        f"Unable to perform update/upsert by non-unique {type_id} property description"
    )


def test_upsert_keys_must_differ(sim: Sim) -> None:
    rows: list[tuple[str, Json]] = [("Ada@example.com", {}), ("ada@example.com", {})]
    assert _upsert(sim, *rows, id_property="email").status_code == 400


def test_dates_are_normalised_with_a_warning_since_2026_09(sim: Sim) -> None:
    body = {"name": "birthday", "label": "Birthday", "type": "date", "fieldType": "date"}
    sim.post("/crm/v3/properties/contacts", {**body, "groupName": "contactinformation"})
    record = {"email": "ada@example.com", "birthday": "1815-12-10T13:00:00Z"}
    assert sim.post("/crm/v3/objects/contacts", {"properties": record}).status_code == 400
    made = sim.post("/crm/objects/2026-09/contacts", {"properties": record})
    assert made.status_code == 201
    assert made.json()["properties"]["birthday"] == "1815-12-10"
    assert made.json()["warnings"][0]["category"] == "PROPERTY_VALUE_NORMALIZED"


def test_archive_never_reports_what_is_missing(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com")
    body = {"inputs": [{"id": record_id}, {"id": "9999"}, {"id": "nonsense"}]}
    assert sim.post(f"{BATCH}/archive", body).status_code == 204
    assert sim.look("records/contacts") == []
