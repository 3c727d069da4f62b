"""From a sandbox to production and back, with everything that belongs to a connection."""

import pytest

from services.connection.domain.connection import Connection, Environment, Facts, State, Target
from services.connection.domain.failures import ConnectError
from services.connection.handlers.confirmation import NotConfirmedError
from services.connection.handlers.tokens import BrokenError
from services.connection.ports import GrantDeadError
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRestored,
)
from shared.kernel.errors import RetriableError
from shared.kernel.records import Side
from tests.unit.connection.desk import Desk

HOST = "acme.my.salesforce.com"
PRODUCTION = Target(Environment.PRODUCTION, HOST)
NEW_ORG = Facts(org_id="00D2", salesforce_user_id="0059")
ESTABLISHED = ConnectionEstablished(
    portal_id="62515",
    org_id="00D1",
    environment="production",
    instance_url="https://salesforce.example",
    hubspot_app_id="77",
    salesforce_user_id="0051",
)
MOVED = ESTABLISHED.model_copy(
    update={"org_id": "00D2", "salesforce_user_id": "0059", "moved": True}
)


async def broken(desk: Desk, connection: Connection, side: Side) -> None:
    desk.store.pass_time(minutes=40)
    crm = desk.crms[side]
    crm.refusal = GrantDeadError("revoked", code="invalid_grant")
    with pytest.raises(BrokenError):
        await desk.token(connection.id, side)
    crm.refusal = None


async def test_a_move_signs_in_there_changes_the_org_and_says_so() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.salesforce.facts = NEW_ORG
    desk.salesforce.base_url = "https://acme.example"
    done = await desk.move(connection.id, PRODUCTION)
    assert desk.salesforce.places[-2:] == [("production", HOST), ("production", HOST)]
    moved = done.connection
    assert (moved.id, moved.portal_id) == (connection.id, "62515")
    assert (moved.org_id, moved.environment) == ("00D2", Environment.PRODUCTION)
    assert (moved.salesforce_domain, moved.instance_url) == (HOST, "https://acme.example")
    assert (moved.state, done.moved, done.other_user) == (State.ACTIVE, True, True)
    told = MOVED.model_copy(update={"instance_url": "https://acme.example"})
    assert desk.store.events() == [ESTABLISHED, told]


async def test_the_grant_of_the_org_before_is_revoked_where_it_came_from() -> None:
    desk = Desk()
    connection = await desk.established()
    left = desk.salesforce.live
    desk.salesforce.facts = NEW_ORG
    done = await desk.move(connection.id, PRODUCTION)
    assert desk.salesforce.revoked == [left]
    assert done.not_revoked is None
    assert (await desk.token(connection.id, Side.SALESFORCE)).account_id == "00D2"


async def test_a_move_stands_though_the_grant_before_could_not_be_revoked() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.salesforce.facts = NEW_ORG
    desk.salesforce.cannot_revoke = RetriableError("busy", code="busy")
    done = await desk.move(connection.id, PRODUCTION)
    assert done.connection.org_id == "00D2"
    assert done.not_revoked is not None


async def test_moving_back_is_a_move_too() -> None:
    desk = Desk()
    connection = await desk.established()
    before = desk.salesforce.facts
    desk.salesforce.facts = NEW_ORG
    await desk.move(connection.id, PRODUCTION)
    desk.salesforce.facts = before
    await desk.move(connection.id, Target(Environment.SANDBOX))
    back = ESTABLISHED.model_copy(update={"environment": "sandbox", "moved": True})
    assert desk.store.events() == [ESTABLISHED, MOVED, back]


async def test_without_a_move_another_org_is_refused() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.salesforce.facts = NEW_ORG
    with pytest.raises(ConnectError, match=r"/move") as caught:
        await desk.authorize(connection.id, Side.SALESFORCE)
    assert (caught.value.code, caught.value.failure.status) == ("other-org", 409)
    assert desk.store.state.rows[connection.id] == connection
    assert desk.salesforce.revoked == []


async def test_a_move_allows_no_other_portal() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.salesforce.facts = Facts(portal_id="1", org_id="00D2")
    with pytest.raises(ConnectError) as caught:
        await desk.move(connection.id, PRODUCTION)
    assert caught.value.code == "other-portal"


@pytest.mark.parametrize("confirm", ["", "yes", "00D1"])
async def test_a_move_has_to_be_typed_out(confirm: str) -> None:
    desk = Desk()
    connection = await desk.established()
    before = dict(desk.store.state.attempts)
    with pytest.raises(NotConfirmedError, match="the HubSpot portal's id to move"):
        await desk.move(connection.id, PRODUCTION, confirm)
    assert desk.store.state.attempts == before


async def test_a_move_that_is_refused_at_the_crm_changes_nothing() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.salesforce.facts = NEW_ORG
    desk.salesforce.scopes = frozenset({"api"})
    with pytest.raises(ConnectError):
        await desk.move(connection.id, PRODUCTION)
    assert desk.store.state.rows[connection.id] == connection
    assert desk.salesforce.revoked == []


async def test_the_same_org_under_another_address_is_no_move() -> None:
    desk = Desk()
    connection = await desk.established()
    done = await desk.move(connection.id, PRODUCTION)
    assert (done.moved, done.connection.salesforce_domain) == (False, HOST)
    assert desk.salesforce.revoked == []
    told = [event for event in desk.store.events() if isinstance(event, ConnectionEstablished)]
    assert not any(event.moved for event in told)


async def test_a_dead_grant_is_left_behind_by_a_move() -> None:
    desk = Desk()
    connection = await desk.established()
    await broken(desk, connection, Side.SALESFORCE)
    desk.salesforce.facts = NEW_ORG
    done = await desk.move(connection.id, PRODUCTION)
    assert done.connection.state is State.ACTIVE
    assert desk.salesforce.revoked == []
    assert desk.store.events()[-2:] == [ConnectionRestored(side=Side.SALESFORCE), MOVED]


async def test_a_move_while_hubspot_is_broken_is_told_when_hubspot_is_back() -> None:
    desk = Desk()
    connection = await desk.established()
    await broken(desk, connection, Side.HUBSPOT)
    desk.salesforce.facts = NEW_ORG
    await desk.move(connection.id, PRODUCTION)
    assert isinstance(desk.store.events()[-1], ConnectionBroken)
    await desk.authorize(connection.id, Side.HUBSPOT)
    assert desk.store.events()[-2:] == [ConnectionRestored(side=Side.HUBSPOT), MOVED]


async def test_before_both_sides_are_there_a_move_only_chooses() -> None:
    desk = Desk()
    connection, _ = await desk.create()
    done = await desk.move(connection.id, Target(Environment.SANDBOX), confirm=str(connection.id))
    assert (done.connection.environment, done.moved) == (Environment.SANDBOX, False)
    assert desk.store.events() == []
