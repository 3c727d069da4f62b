"""Tasks cross over both ways; a form becomes a finished Salesforce task."""

import pytest

from tests.e2e.conftest import World

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]

ABOUT = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}


async def subjects(world: World) -> tuple[list[str], list[str]]:
    here = (await world.hubspot.records("tasks")).values()
    there = (await world.salesforce.records("Task")).values()
    return [str(t["hs_task_subject"]) for t in here], [str(t["Subject"]) for t in there]


async def person(world: World, email: str) -> tuple[str, str]:
    contact = await world.hubspot.create("contacts", {"email": email, "lastname": "Busy"})
    await world.quiet()
    return contact, str((await world.salesforce_person(email))["Id"])


async def test_a_hubspot_task_and_its_completion_arrive_in_salesforce(world: World) -> None:
    contact, _ = await person(world, "task1@e2e.example")
    made = await world.hubspot.post(
        "create",
        {
            "object": "tasks",
            "fields": {"hs_task_subject": "Ring back", "hs_timestamp": "2026-12-01T09:00:00Z"},
            "associations": [{"to": {"id": contact}, "types": [ABOUT]}],
        },
    )
    await world.quiet()
    await world.hubspot.edit_many("tasks", [(made["id"], {"hs_task_status": "COMPLETED"})])
    await world.quiet()

    tasks = (await world.salesforce.records("Task")).values()
    (task,) = [t for t in tasks if t["Subject"] == "Ring back"]
    assert (task["Status"], task["ActivityDate"]) == ("Completed", "2026-12-01")


async def test_a_salesforce_task_arrives_in_hubspot_once(world: World) -> None:
    _, who = await person(world, "task2@e2e.example")
    await world.salesforce.create("Task", {"Subject": "Send papers", "WhoId": who})
    await world.quiet()

    here, there = await subjects(world)
    assert (here.count("Send papers"), there.count("Send papers")) == (1, 1)


async def test_a_form_submission_is_told_once_and_stays_there(world: World) -> None:
    await person(world, "form@e2e.example")
    await world.hubspot.post(
        "submit-form", {"email": "form@e2e.example", "form_name": "Price list", "fields": {}}
    )
    await world.quiet()

    here, there = await subjects(world)
    assert there.count("HubSpot form submission: Price list") == 1
    assert not any("Price list" in subject for subject in here)


async def test_a_form_of_an_unknown_person_is_told_when_the_person_is_linked(
    world: World,
) -> None:
    await world.hubspot.post(
        "submit-form", {"email": "new@e2e.example", "form_name": "Newsletter", "fields": {}}
    )
    await world.quiet()

    _, there = await subjects(world)
    assert there.count("HubSpot form submission: Newsletter") == 1
