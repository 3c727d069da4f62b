"""What a pre-flight asks for, what it says, and what it remembers."""

from dataclasses import replace

import pytest

from services.connection.domain.checklist import Item, Mark
from services.connection.domain.connection import Environment as Kind
from services.connection.domain.connection import Facts, Target
from services.connection.domain.features import Feature
from services.connection.domain.preflight import Preflight
from services.connection.domain.seen import Calls, FieldSeen, HubSpotSeen, Org, Trouble
from services.connection.handlers.find import UnknownConnectionError, overview
from services.connection.handlers.preflight import NeverRunError, latest_preflight, run_again
from services.connection.handlers.tokens import BrokenError
from services.connection.ports import GrantDeadError
from shared.kernel.records import Side
from tests.unit.connection.desk import Desk
from tests.unit.connection.fakes import writable

API_OFF = Trouble("API_DISABLED_FOR_ORG", "This edition has no API access.", refused=True)
BUSY = Trouble("crm_timeout", "Salesforce did not answer.", refused=False)
MODIFY_METADATA = "Modify Metadata Through Metadata API Functions"
DOWNLOAD = "Download AppExchange Packages"


def by_key(run: Preflight) -> dict[str, Item]:
    return {item.key: item for item in run.items}


async def item(desk: Desk, key: str, *features: Feature) -> Item:
    connection = await desk.established()
    return by_key(await desk.preflight(connection.id, *features or (Feature.CONTACTS,)))[key]


@pytest.mark.parametrize(
    ("feature", "rights", "objects"),
    [
        (Feature.CONTACTS, set(), {"Contact", "Lead"}),
        (Feature.COMPANIES, set(), {"Account"}),
        (Feature.DEALS, {MODIFY_METADATA}, {"Opportunity"}),
        (Feature.ACTIVITIES, set(), {"Task"}),
        (Feature.INCLUSION_LIST, set(), set()),
        (Feature.WINDOW, {MODIFY_METADATA}, set()),
        (Feature.DEPLOYED_PACKAGE, {MODIFY_METADATA}, set()),
        (Feature.MANAGED_PACKAGE, {DOWNLOAD}, set()),
    ],
)
async def test_only_what_the_chosen_features_need_is_asked_for(
    feature: Feature, rights: set[str], objects: set[str]
) -> None:
    desk = Desk()
    connection = await desk.established()
    run = await desk.preflight(connection.id, feature)
    always = {"API Enabled", "View Setup and Configuration"}
    assert desk.scout.asked == [(frozenset(always | rights), frozenset(objects))]
    assert {each for one in run.items for each in one.features} == {feature}


async def test_each_item_says_which_features_need_it() -> None:
    desk = Desk()
    connection = await desk.established()
    run = by_key(await desk.preflight(connection.id, Feature.DEALS, Feature.CONTACTS))
    assert run["salesforce.right.ModifyMetadata"].features == (Feature.DEALS,)
    assert run["salesforce.object.Lead"].features == (Feature.CONTACTS,)
    assert run["salesforce.edition"].features == (Feature.CONTACTS, Feature.DEALS)
    assert run["hubspot.scopes.deals"].features == (Feature.DEALS,)


async def test_a_good_connection_passes_but_for_what_hubspot_does_not_count() -> None:
    desk = Desk()
    connection = await desk.established()
    chosen = set(Feature) - {Feature.INCLUSION_LIST}
    run = await desk.preflight(connection.id, *chosen)
    assert {one.key: one.mark for one in run.items if one.mark is not Mark.PASSED} == {
        "hubspot.calls": Mark.UNKNOWN
    }
    assert run.mark is Mark.UNKNOWN
    assert all(one.todo == "" for one in run.items if one.mark is Mark.PASSED)


async def test_every_item_that_has_not_passed_says_what_to_do() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.scout.trouble = BUSY
    desk.scout.portal = HubSpotSeen(trouble=BUSY)
    run = await desk.preflight(connection.id, *Feature)
    assert all(one.todo for one in run.items if one.mark is not Mark.PASSED)


@pytest.mark.parametrize(
    ("edition", "mark"),
    [
        ("Enterprise Edition", Mark.PASSED),
        ("Unlimited Edition", Mark.PASSED),
        ("Developer Edition", Mark.PASSED),
        ("Professional Edition", Mark.PASSED),
        ("Team Edition", Mark.FAILED),
        ("Personal Edition", Mark.FAILED),
    ],
)
async def test_editions(edition: str, mark: Mark) -> None:
    desk = Desk()
    desk.scout.org = Org(edition, sandbox=False)
    assert (await item(desk, "salesforce.edition")).mark is mark


async def test_an_org_without_the_api_fails_by_name_and_leaves_the_rest_unknown() -> None:
    desk = Desk()
    desk.scout.trouble = API_OFF
    connection = await desk.established()
    run = by_key(await desk.preflight(connection.id, Feature.CONTACTS))
    assert run["salesforce.edition"].mark is Mark.FAILED
    assert run["salesforce.right.ApiEnabled"].mark is Mark.FAILED
    assert run["salesforce.right.ViewSetup"].mark is Mark.UNKNOWN
    assert run["salesforce.object.Lead"].mark is Mark.UNKNOWN
    assert run["hubspot.permission"].mark is Mark.PASSED


async def test_a_sandbox_where_production_was_chosen() -> None:
    desk = Desk()
    desk.scout.org = Org("Enterprise Edition", sandbox=True)
    found = await item(desk, "salesforce.environment")
    assert (found.mark, found.found) == (Mark.FAILED, "It is a sandbox org.")
    assert "/move" in found.todo


async def test_a_right_that_the_user_lacks() -> None:
    desk = Desk()
    desk.scout.lacking = {DOWNLOAD}
    found = await item(desk, "salesforce.right.InstallPackaging", Feature.MANAGED_PACKAGE)
    assert found.mark is Mark.FAILED
    assert DOWNLOAD in found.todo


async def test_objects_and_fields_that_the_user_may_not_write() -> None:
    desk = Desk()
    lead = writable("Lead")
    fields = {name: one for name, one in lead.fields.items() if name != "Phone"}
    fields["Status"] = FieldSeen(createable=True, updateable=False)
    desk.scout.objects = {
        "Contact": replace(writable("Contact"), createable=False, updateable=False),
        "Lead": replace(lead, fields=fields),
        "Account": Trouble("NOT_FOUND", "The requested resource does not exist", refused=True),
        "Task": BUSY,
    }
    connection = await desk.established()
    run = by_key(
        await desk.preflight(connection.id, Feature.CONTACTS, Feature.COMPANIES, Feature.ACTIVITIES)
    )
    told = {
        name: [(run[f"salesforce.{kind}.{name}"].mark) for kind in ("object", "fields")]
        for name in ("Contact", "Lead", "Account", "Task")
    }
    assert told == {
        "Contact": [Mark.FAILED, Mark.PASSED],
        "Lead": [Mark.PASSED, Mark.FAILED],
        "Account": [Mark.FAILED, Mark.UNKNOWN],
        "Task": [Mark.UNKNOWN, Mark.UNKNOWN],
    }
    assert run["salesforce.object.Contact"].found == "Missing: create, edit."
    assert run["salesforce.fields.Lead"].found == "Hidden: Phone. Read only: Status."


@pytest.mark.parametrize(
    ("used", "limit", "mark"),
    [
        (100, 100_000, Mark.PASSED),
        (90_000, 100_000, Mark.PASSED),
        (90_001, 100_000, Mark.FAILED),
        (120_000, 100_000, Mark.FAILED),
        (0, 0, Mark.FAILED),
    ],
)
async def test_calls_that_are_left(used: int, limit: int, mark: Mark) -> None:
    desk = Desk()
    desk.scout.calls = Calls(used, limit)
    desk.scout.portal = HubSpotSeen("62515", "STANDARD", Calls(used, limit))
    assert (await item(desk, "salesforce.calls")).mark is mark
    assert (await item(Desk(), "hubspot.calls")).mark is Mark.UNKNOWN


async def test_calls_that_are_used_up_are_no_riddle() -> None:
    desk = Desk()
    desk.scout.trouble = Trouble("REQUEST_LIMIT_EXCEEDED", "All calls are used.", refused=False)
    assert (await item(desk, "salesforce.calls")).mark is Mark.FAILED
    desk = Desk()
    desk.scout.trouble = BUSY
    assert (await item(desk, "salesforce.calls")).mark is Mark.UNKNOWN


async def test_scopes_that_are_missing_are_named_for_the_feature_that_needs_them() -> None:
    desk = Desk()
    found = await item(desk, "hubspot.scopes.inclusion_list", Feature.INCLUSION_LIST)
    assert (found.mark, found.found) == (Mark.FAILED, "Not granted: crm.lists.read.")


async def test_a_portal_that_shows_nothing_was_connected_by_the_wrong_person() -> None:
    desk = Desk()
    desk.scout.portal = HubSpotSeen(trouble=Trouble("HTTP_403", "Refused.", refused=True))
    assert (await item(desk, "hubspot.permission")).mark is Mark.FAILED


async def test_a_side_that_is_not_connected_is_unknown_and_not_asked() -> None:
    desk = Desk()
    connection, _ = await desk.create()
    run = await desk.preflight(connection.id, Feature.CONTACTS)
    assert {one.mark for one in run.items} == {Mark.UNKNOWN}
    assert all(f"connections/{connection.id}/authorizations" in one.todo for one in run.items)
    assert desk.scout.asked == []


async def test_a_side_whose_grant_is_dead_is_not_asked_either() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(minutes=40)
    desk.salesforce.refusal = GrantDeadError("revoked", code="invalid_grant")
    with pytest.raises(BrokenError):
        await desk.token(connection.id, Side.SALESFORCE)
    run = by_key(await desk.preflight(connection.id, Feature.CONTACTS))
    assert run["salesforce.edition"].mark is Mark.UNKNOWN
    assert run["hubspot.permission"].mark is Mark.PASSED
    assert desk.scout.asked == []


async def test_the_latest_run_is_kept_with_its_time() -> None:
    desk = Desk()
    connection = await desk.established()
    with pytest.raises(NeverRunError):
        await latest_preflight(desk.store, connection.id)
    await desk.preflight(connection.id, Feature.CONTACTS)
    desk.store.pass_time(hours=1)
    later = await desk.preflight(connection.id, Feature.DEALS)
    assert later.checked_at == desk.store.state.clock
    assert await latest_preflight(desk.store, connection.id) == later


async def test_an_unknown_connection_is_named() -> None:
    desk = Desk()
    with pytest.raises(UnknownConnectionError):
        await desk.preflight(desk.new_id(), Feature.CONTACTS)
    with pytest.raises(UnknownConnectionError):
        await latest_preflight(desk.store, desk.new_id())


async def codes(desk: Desk, run: Preflight) -> list[str]:
    seen = await overview(desk.store, run.connection_id)
    return [warned.code for warned in seen.warnings]


async def test_a_user_with_fewer_rights_is_warned_of_until_that_is_mended() -> None:
    desk = Desk()
    connection = await desk.established()
    run = await desk.preflight(connection.id, Feature.DEALS)
    assert await codes(desk, run) == []
    desk.salesforce.facts = Facts(org_id="00D1", salesforce_user_id="0052")
    await desk.authorize(connection.id, Side.SALESFORCE)
    assert await codes(desk, run) == ["preflight-outdated"]
    desk.scout.lacking = {MODIFY_METADATA}
    for _ in range(2):  # the loss is not forgotten by running it again
        run = await run_again(desk.store, desk.scout, connection.id)
        assert (run.features, run.lost) == ((Feature.DEALS,), ("salesforce.right.ModifyMetadata",))
        assert await codes(desk, run) == ["user-has-fewer-rights", "preflight-failed"]
    desk.scout.lacking = set()
    run = await run_again(desk.store, desk.scout, connection.id)
    assert (run.lost, await codes(desk, run)) == ((), [])


async def test_what_the_user_before_lacked_too_is_no_loss() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.scout.lacking = {MODIFY_METADATA}
    await desk.preflight(connection.id, Feature.DEALS)
    desk.salesforce.facts = Facts(org_id="00D1", salesforce_user_id="0052")
    await desk.authorize(connection.id, Side.SALESFORCE)
    run = await run_again(desk.store, desk.scout, connection.id)
    assert run.lost == ()
    assert await codes(desk, run) == ["preflight-failed"]


async def test_another_org_outdates_the_run_as_another_user_does() -> None:
    desk = Desk()
    connection = await desk.established()
    run = await desk.preflight(connection.id, Feature.CONTACTS)
    desk.salesforce.facts = Facts(org_id="00D2", salesforce_user_id="0051")
    await desk.move(connection.id, Target(Kind.PRODUCTION))
    assert await codes(desk, run) == ["preflight-outdated"]
