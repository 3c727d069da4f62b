"""Pipelines outlive a reset of the portal, so the tests have one of their own and tidy it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.contracts.simulators.hubspot.driver import Json, Sim, driving
from tests.simulators.machinery.launch import running

PIPELINES = "/crm/v3/pipelines/deals"
STAGES = [
    {"label": "Asked", "displayOrder": 0, "metadata": {"probability": "0.1"}},
    {"label": "Signed", "displayOrder": 1, "metadata": {"probability": "1.0"}},
]
NEW: Json = {"label": "Renewals", "displayOrder": 1, "stages": STAGES}


@pytest.fixture(scope="module")
def portal_url() -> Iterator[str]:
    with running("tests.simulators.hubspot") as url:
        yield url


@pytest.fixture
def sim(portal_url: str) -> Iterator[Sim]:
    with driving(portal_url) as driver:
        driver.control("reset")
        yield driver
        for one in driver.api.get(PIPELINES).json()["results"]:
            if one["id"] != "default":
                driver.api.delete(f"{PIPELINES}/{one['id']}")


def _new(sim: Sim, root: str = PIPELINES) -> Json:
    answer = sim.post(root, NEW)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _deal(sim: Sim, stage_id: str) -> str:
    body = {"properties": {"dealname": "Ten seats", "dealstage": stage_id}}
    answer = sim.post("/crm/v3/objects/deals", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.mark.parametrize("version", ["v3/pipelines", "pipelines/2026-03", "pipelines/2026-09"])
def test_a_pipeline_is_made_with_numeric_ids_and_read(sim: Sim, version: str) -> None:
    root = f"/crm/{version}/deals"
    made = _new(sim, root)
    assert made["id"].isdecimal()
    assert [one["label"] for one in made["stages"]] == ["Asked", "Signed"]
    assert made["stages"][0]["metadata"] == {"probability": "0.1", "isClosed": "false"}
    assert made["stages"][1]["metadata"] == {"probability": "1.0", "isClosed": "true"}
    assert sim.api.get(f"{root}/{made['id']}").json() == made
    found = sim.api.get(root).json()["results"]
    assert [one["id"] for one in found] == ["default", made["id"]]
    assert sim.api.get(f"{root}/{made['id']}/stages").json()["results"] == made["stages"]


def test_labels_are_edited_and_ids_stay(sim: Sim) -> None:
    path = f"{PIPELINES}/{_new(sim)['id']}"
    changed = sim.api.patch(path, json={"label": "Extensions"}).json()
    assert (changed["label"], len(changed["stages"])) == ("Extensions", 2)
    stage = changed["stages"][0]
    renamed = sim.api.patch(f"{path}/stages/{stage['id']}", json={"label": "Wanted"}).json()
    assert (renamed["id"], renamed["label"]) == (stage["id"], "Wanted")
    assert renamed["metadata"]["probability"] == "0.1"
    added = {"label": "Lost", "displayOrder": 2, "metadata": {"probability": 0}}
    assert sim.post(f"{path}/stages", added).json()["metadata"]["isClosed"] == "true"


def test_a_replacement_keeps_the_stages_that_it_names(sim: Sim) -> None:
    made = _new(sim)
    kept = {"stageId": made["stages"][0]["id"], **STAGES[0], "label": "Asked for"}
    body = {**NEW, "stages": [kept, {**STAGES[1], "label": "Done"}]}
    stages = sim.api.put(f"{PIPELINES}/{made['id']}", json=body).json()["stages"]
    assert stages[0]["id"] == made["stages"][0]["id"]
    assert stages[1]["id"] != made["stages"][1]["id"]


def _without(key: str) -> Callable[[Json], Json]:
    return lambda stage: {name: value for name, value in stage.items() if name != key}


@pytest.mark.parametrize(
    "body",
    [
        {**NEW, "label": ""},
        {**NEW, "label": "Sales Pipeline"},
        {**NEW, "stages": [_without("metadata")(dict(STAGES[0]))]},
        {**NEW, "stages": [{**STAGES[0], "metadata": {"probability": "1.1"}}]},
        {**NEW, "stages": [STAGES[0], STAGES[0]]},
        {**NEW, "stages": ["Asked"]},
        {**NEW, "displayOrder": "first"},
    ],
)
def test_definitions_that_cannot_be(sim: Sim, body: Json) -> None:
    assert sim.post(PIPELINES, body).status_code == 400
    assert len(sim.api.get(PIPELINES).json()["results"]) == 1


def test_deals_take_the_new_stages_and_close_in_them(sim: Sim) -> None:
    made = _new(sim)
    asked, signed = (one["id"] for one in made["stages"])
    record_id = _deal(sim, asked)
    assert sim.values("deals", record_id)["hs_is_closed"] == "false"
    body = {"properties": {"dealstage": signed}}
    assert sim.api.patch(f"/crm/v3/objects/deals/{record_id}", json=body).status_code == 200
    values = sim.values("deals", record_id)
    assert (values["hs_is_closed"], values["hs_is_closed_won"]) == ("true", "true")
    options = sim.api.get("/crm/v3/properties/deals/dealstage").json()["options"]
    assert {"label": "Asked", "value": asked}.items() <= options[7].items()


@pytest.mark.parametrize(
    ("root", "query", "status"),
    [
        ("/crm/v3/pipelines/deals", {}, 204),
        ("/crm/v3/pipelines/deals", {"validateReferencesBeforeDelete": "true"}, 400),
        ("/crm/pipelines/2026-03/deals", {}, 204),
        ("/crm/pipelines/2026-09/deals", {}, 400),
        ("/crm/pipelines/2026-09/deals", {"validateDealStageUsagesBeforeDelete": "false"}, 204),
    ],
)
def test_line_10_a_stage_in_use_is_kept_since_2026_09_only(
    sim: Sim, root: str, query: dict[str, Any], status: int
) -> None:
    made = _new(sim)
    stage_id = made["stages"][0]["id"]
    _deal(sim, stage_id)
    deleted = sim.api.delete(f"{root}/{made['id']}/stages/{stage_id}", params=query)
    assert deleted.status_code == status
    if status == 400:
        assert deleted.json()["subCategory"] == "PipelineError.STAGE_ID_IN_USE"
    whole = sim.api.delete(f"{root}/{made['id']}", params=query)
    assert whole.status_code == status


def test_other_types_have_no_pipelines(sim: Sim) -> None:
    assert sim.api.get("/crm/v3/pipelines/contacts").json() == {"results": []}
    assert sim.post("/crm/v3/pipelines/contacts", NEW).status_code == 400
    assert sim.api.get("/crm/v3/pipelines/contacts/default").status_code == 404
    assert sim.api.get(f"{PIPELINES}/nonsense").status_code == 404
    assert sim.api.get(f"{PIPELINES}/default/stages/nonsense").status_code == 404


def test_writing_needs_the_scope_of_the_schema(sim: Sim) -> None:
    headers = {"Authorization": f"Bearer {sim.token(['crm.objects.deals.read'])}"}
    assert sim.api.get(PIPELINES, headers=headers).status_code == 200
    assert sim.api.post(PIPELINES, json=NEW, headers=headers).status_code == 403
