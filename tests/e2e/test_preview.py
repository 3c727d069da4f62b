"""An admin tries the draft on real people, through the whole deployment."""

import asyncio
from typing import Any

import pytest

from deploy.stack.setup import SetupError
from tests.e2e.conftest import World

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]

PATIENCE_SECONDS = 30.0
"""Events arrive within a second."""


async def journal(world: World) -> list[dict[str, Any]]:
    page = await world.admin.get("/api/v1/journal", connection_id=world.connection_id, limit="200")
    return list(page["items"])


async def changes(world: World) -> list[int]:
    return [len(await side.changes()) for side in (world.hubspot, world.salesforce)]


async def test_a_draft_is_tried_on_people_and_nothing_moves(world: World) -> None:
    person = await world.hubspot.create(
        "contacts", {"email": "preview@x.test", "firstname": "Pia", "lastname": "View"}
    )
    await world.quiet()
    await world.hubspot.edit_many("contacts", [(person, {"firstname": "Pina"})])
    await world.quiet()
    draft = await world.admin.get(f"/api/v1/setup/{world.connection_id}/draft")
    settings = draft["settings"]
    for one in settings["mappings"]:
        if one["hubspot_property"] == "firstname":
            one["rule"] = "always_salesforce"
    salesforce = await world.salesforce_person("preview@x.test")
    before = await journal(world), await changes(world)

    answer = await world.admin.post(
        "/api/v1/records/previews",
        {
            "connection_id": world.connection_id,
            "settings": settings,
            "sample": {"side": "hubspot", "ids": [person]},
        },
    )

    (pair,) = answer["records"]
    assert pair["linked"]
    assert pair["salesforce"]["id"] == salesforce["Id"]
    assert pair["hubspot"]["url"].endswith(f"/record/0-1/{person}")
    cost = answer["cost"]["salesforce"]
    assert cost["allowance"] >= cost["left"] > 0
    assert " calls left today" in cost["words"]
    assert (await journal(world), await changes(world)) == before


async def test_what_a_preview_says_of_a_new_mapping_happens(world: World) -> None:
    """The sync is paused over the choice, as an admin would; the pause is looked through."""
    settings_path = f"/api/v1/settings/{world.connection_id}"
    await world.admin.post(f"{settings_path}/pause", {})
    try:
        person = await world.hubspot.create("contacts", {"email": "new@x.test", "lastname": "New"})
        asked = {
            "connection_id": world.connection_id,
            "sample": {"side": "hubspot", "ids": [person]},
        }
        await refused_as_paused(world, asked)
        answer = await world.admin.post("/api/v1/records/previews", {**asked, "while_paused": True})
    finally:
        await world.admin.post(f"{settings_path}/resume", {})
    await world.quiet()

    (pair,) = answer["records"]
    assert (pair["outcome"], pair["create"]) == ("create", "salesforce")
    (entry,) = [one for one in await journal(world) if one["hubspot_id"] == person]
    said = {(f["field"], f["after"]) for f in pair["fields"] if f["side"] == "salesforce"}
    assert {(f["field"], f["after"]) for f in entry["fields"]} == said


async def refused_as_paused(world: World, asked: dict[str, Any]) -> None:
    """Once the news of the pause has arrived."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (refusal := await answered(world, asked)) == "":
            await asyncio.sleep(0.1)
    assert "answered 409" in refusal
    assert "sync-paused" in refusal


async def answered(world: World, asked: dict[str, Any]) -> str:
    """Why a preview is refused; empty when it is not."""
    try:
        await world.admin.post("/api/v1/records/previews", asked)
    except SetupError as refused:
        return str(refused)
    return ""
