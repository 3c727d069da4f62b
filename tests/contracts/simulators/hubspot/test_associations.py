from collections.abc import Iterator

import pytest

from tests.contracts.simulators.hubspot.driver import Json, Sim, driving
from tests.simulators.machinery.launch import running

PRIMARY = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}
UNLABELED_TYPE = {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None}
PRIMARY_TYPE = {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"}


def _company(sim: Sim, name: str = "Acme", **more: str) -> str:
    answer = sim.post("/crm/v3/objects/companies", {"properties": {"name": name, **more}})
    return str(answer.json()["id"])


def _listed(sim: Sim, source: str, record_id: str, target: str) -> list[Json]:
    path = f"/crm/v4/objects/{source}/{record_id}/associations/{target}"
    return list(sim.api.get(path).json()["results"])


def test_line_9_the_default_association_appears_in_both_directions(sim: Sim) -> None:
    task, contact = sim.task(), sim.contact(email="ada@example.com")
    path = f"/crm/v4/objects/tasks/{task}/associations/default/contacts/{contact}"
    for _ in range(2):
        done = sim.api.put(path)
        assert done.status_code == 200
        assert done.json()["results"][0] == {
            "from": {"id": task},
            "to": {"id": contact},
            "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204},
        }
    there, back = _listed(sim, "task", task, "0-1"), _listed(sim, "contacts", contact, "tasks")
    assert [one["toObjectId"] for one in there] == [int(contact)]
    assert [one["associationTypes"][0]["typeId"] for one in back] == [203]


def test_line_9_labels_replace_each_other_and_the_plain_type_stays(sim: Sim) -> None:
    contact, company = sim.contact(email="ada@example.com"), _company(sim)
    path = f"/crm/v4/objects/contacts/{contact}/associations/companies/{company}"
    done = sim.api.put(path, json=[PRIMARY])
    assert done.status_code == 201
    assert done.json() == {
        "fromObjectTypeId": "0-1",
        "fromObjectId": int(contact),
        "toObjectTypeId": "0-2",
        "toObjectId": int(company),
        "labels": ["Primary"],
    }
    types = _listed(sim, "contacts", contact, "companies")[0]["associationTypes"]
    assert types == [UNLABELED_TYPE, PRIMARY_TYPE]
    defined = sim.post("/crm/v4/associations/contacts/companies/labels", {"label": "Billing"})
    label_id = defined.json()["results"][0]["typeId"]
    custom = {"associationCategory": "USER_DEFINED", "associationTypeId": label_id}
    sim.api.put(path, json=[custom])
    types = _listed(sim, "contacts", contact, "companies")[0]["associationTypes"]
    assert [one["label"] for one in types] == [None, "Billing"]


def test_a_contact_has_one_primary_company(sim: Sim) -> None:
    contact, first, second = sim.contact(email="a@example.com"), _company(sim), _company(sim)
    for company in (first, second):
        path = f"/crm/v4/objects/contacts/{contact}/associations/companies/{company}"
        sim.api.put(path, json=[PRIMARY])
    labels = {
        str(one["toObjectId"]): [kind["label"] for kind in one["associationTypes"]]
        for one in _listed(sim, "contacts", contact, "companies")
    }
    assert labels == {first: [None], second: [None, "Primary"]}


def test_delete_removes_all_in_both_directions(sim: Sim) -> None:
    contact, company = sim.contact(email="ada@example.com"), _company(sim)
    path = f"/crm/objects/2026-09/contacts/{contact}/associations/companies/{company}"
    sim.api.put(path, json=[PRIMARY])
    assert sim.api.delete(path).status_code == 204
    assert _listed(sim, "contacts", contact, "companies") == []
    assert _listed(sim, "companies", company, "contacts") == []


def test_batch_read_of_a_record_without_any_is_a_207(sim: Sim) -> None:
    contact, lonely, company = (
        sim.contact(email="ada@example.com"),
        sim.contact(email="bob@example.com"),
        _company(sim),
    )
    root = "/crm/v4/associations/contacts/companies/batch"
    pair = {"from": {"id": contact}, "to": {"id": company}}
    made = sim.post(f"{root}/create", {"inputs": [{**pair, "types": [PRIMARY]}]})
    assert made.status_code == 201
    read = sim.post(f"{root}/read", {"inputs": [{"id": contact}, {"id": lonely}]})
    assert read.status_code == 207
    assert read.json()["results"] == [
        {
            "from": {"id": contact},
            "to": [
                {"toObjectId": int(company), "associationTypes": [UNLABELED_TYPE, PRIMARY_TYPE]}
            ],
        }
    ]
    error = read.json()["errors"][0]
    assert error["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert error["message"] == f"No company is associated with contact {lonely}."
    archived = sim.post(f"{root}/archive", {"inputs": [{"from": pair["from"], "to": [pair["to"]]}]})
    assert archived.status_code == 204
    assert _listed(sim, "contacts", contact, "companies") == []


@pytest.mark.parametrize("root", ["/crm/v4/associations", "/crm/associations/2026-03"])
def test_batch_default_reports_missing_ids_apart(sim: Sim, root: str) -> None:
    task, contact = sim.task(), sim.contact(email="ada@example.com")
    inputs = [{"from": {"id": task}, "to": {"id": one}} for one in (contact, "9999")]
    done = sim.post(f"{root}/tasks/contacts/batch/associate/default", {"inputs": inputs})
    assert done.status_code == 207
    assert done.json()["errors"][0]["subCategory"] == "crm.associations.INVALID_IDENTIFIER"
    assert [one["toObjectId"] for one in _listed(sim, "tasks", task, "contacts")] == [int(contact)]


def test_self_association(sim: Sim) -> None:
    contact = sim.contact(email="ada@example.com")
    path = f"/crm/v4/objects/contacts/{contact}/associations/default/contacts/{contact}"
    answer = sim.api.put(path)
    assert answer.status_code == 400
    assert answer.json()["message"] == f"Object {contact} cannot be associated to itself"


def _created_with(sim: Sim, contact: str, type_id: int) -> Json:
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
    body = {
        "properties": {"hs_timestamp": "1767225600000"},
        "associations": [{"to": {"id": contact}, "types": [spec]}],
    }
    answer = sim.post("/crm/v3/objects/tasks", body)
    return {"status": answer.status_code, **answer.json()}


def test_a_task_is_created_with_its_contact_and_shows_it(sim: Sim) -> None:
    contact = sim.contact(email="ada@example.com")
    task = _created_with(sim, contact, 204)
    assert task["status"] == 201
    read = sim.api.get(
        f"/crm/v3/objects/tasks/{task['id']}", params={"associations": "contacts,companies"}
    ).json()
    assert read["associations"] == {
        "contacts": {"results": [{"id": contact, "type": "task_to_contact"}]}
    }


def test_inline_associations_that_cannot_be(sim: Sim) -> None:
    contact = sim.contact(email="ada@example.com")
    wrong_way = _created_with(sim, contact, 203)
    assert wrong_way["message"] == (
        "invalid from object type 0-27 for associations to be created. expected: 0-1"
    )
    missing = _created_with(sim, "424242", 204)
    assert missing["message"] == "One or more associations are invalid"
    assert missing["context"] == {"INVALID_OBJECT_IDS": ["CONTACT=424242 is not valid"]}
    assert "INVALID_ASSOCIATION_TYPE_ID" in _created_with(sim, contact, 99_999)["context"]
    assert sim.look("records/tasks") == []


def test_associations_follow_a_merge(sim: Sim) -> None:
    task = sim.task()
    primary, other = sim.contact(email="ada@example.com"), sim.contact(email="bob@example.com")
    sim.api.put(f"/crm/v4/objects/tasks/{task}/associations/default/contacts/{other}")
    merged = sim.control("merge", {"object": "contacts", "id": primary, "other_id": other})["id"]
    assert [one["toObjectId"] for one in _listed(sim, "tasks", task, "contacts")] == [int(merged)]
    assert [one["toObjectId"] for one in _listed(sim, "contacts", merged, "tasks")] == [int(task)]


@pytest.fixture
def joining() -> Iterator[Sim]:
    with running("tests.simulators.hubspot", ["--auto-associate"]) as url, driving(url) as sim:
        yield sim


def test_line_9_a_portal_may_join_contacts_to_the_company_of_their_domain(
    joining: Sim,
) -> None:
    company = _company(joining, domain="acme.example")
    contact = joining.contact(email="ada@acme.example")
    found = _listed(joining, "contacts", contact, "companies")
    assert [str(one["toObjectId"]) for one in found] == [company]
    assert [kind["label"] for kind in found[0]["associationTypes"]] == [None, "Primary"]


def test_line_9_the_company_is_the_oldest_that_has_the_domain_now(joining: Sim) -> None:
    def joined(address: str) -> list[str]:
        contact = joining.contact(email=address)
        return [
            str(one["toObjectId"]) for one in _listed(joining, "contacts", contact, "companies")
        ]

    def does(what: str, company: str, **more: object) -> None:
        joining.control(what, {"object": "companies", "id": company, **more})

    first, second = (_company(joining, domain="a.example") for _ in range(2))
    third = _company(joining, domain="c.example")
    assert joined("one@a.example") == [first]
    does("edit", first, fields={"domain": "b.example"})
    assert joined("two@a.example") == [second]
    assert joined("one@b.example") == [first]
    does("delete", second)
    assert joined("three@a.example") == []
    does("restore", second)
    assert joined("four@a.example") == [second]
    does("merge", first, other_id=third)
    (merged,) = joined("two@b.example")
    assert merged not in {first, second, third}
    assert joined("one@c.example") == []
