"""A connection is ended, kept, and taken up again; or ended for good."""

import pytest

from services.connection.domain.connection import Facts, State
from services.connection.domain.failures import ConnectError
from services.connection.handlers.find import UnknownConnectionError, overview
from services.connection.ports import GrantDeadError
from shared.contracts.connection import ConnectionRemoved
from shared.kernel.records import Side
from tests.unit.connection.desk import Desk
from tests.unit.connection.test_move import ESTABLISHED, MOVED

REMOVED = ConnectionRemoved()


async def test_a_disconnected_connection_is_kept_without_its_grants() -> None:
    desk = Desk()
    connection = await desk.established()
    assert await desk.remove(connection.id, "62515") == 0
    kept = desk.store.state.rows[connection.id]
    assert (kept.state, kept.portal_id, kept.org_id) == (State.DISCONNECTED, "62515", "00D1")
    assert desk.store.state.grant_rows == {}
    assert desk.store.events() == [ESTABLISHED, REMOVED]


async def test_a_second_disconnect_says_nothing_and_a_purge_may_follow() -> None:
    desk = Desk()
    connection = await desk.established()
    await desk.remove(connection.id, "62515")
    await desk.remove(connection.id, "62515")
    assert desk.store.events() == [ESTABLISHED, REMOVED]
    await desk.remove(connection.id, "62515", purge=True)
    assert desk.store.events() == [ESTABLISHED, REMOVED, ConnectionRemoved(purge=True)]
    assert desk.store.state.rows == {}


async def test_links_to_both_sides_bring_it_back() -> None:
    desk = Desk()
    connection = await desk.established()
    await desk.remove(connection.id, "62515")
    half = await desk.authorize(connection.id, Side.HUBSPOT)
    assert half.state is State.DISCONNECTED
    back = await desk.authorize(connection.id, Side.SALESFORCE)
    assert (back.id, back.state) == (connection.id, State.ACTIVE)
    assert desk.store.events() == [ESTABLISHED, REMOVED, ESTABLISHED]


async def test_a_new_connection_of_the_same_accounts_takes_the_kept_one_up() -> None:
    desk = Desk()
    kept = await desk.established()
    await desk.remove(kept.id, "62515")
    new, _ = await desk.create("key")
    joined = await desk.authorize(new.id, Side.HUBSPOT)
    assert joined.id == kept.id
    back = await desk.authorize(new.id, Side.SALESFORCE)
    assert (back.id, back.state) == (kept.id, State.ACTIVE)
    assert desk.store.events() == [ESTABLISHED, REMOVED, ESTABLISHED]
    assert list(desk.store.state.rows) == [kept.id]
    assert (await overview(desk.store, new.id)).connection.id == kept.id
    again, _ = await desk.create("key")
    assert again.id == kept.id


async def test_salesforce_may_sign_in_first() -> None:
    desk = Desk()
    kept = await desk.established()
    await desk.remove(kept.id, "62515")
    new, _ = await desk.create()
    await desk.authorize(new.id, Side.SALESFORCE)
    back = await desk.authorize(new.id, Side.HUBSPOT)
    assert (back.id, back.state) == (kept.id, State.ACTIVE)
    assert desk.store.events() == [ESTABLISHED, REMOVED, ESTABLISHED]
    grant = await desk.token(kept.id, Side.SALESFORCE)
    assert grant.connection_id == kept.id


@pytest.mark.parametrize("first", [Side.HUBSPOT, Side.SALESFORCE])
async def test_with_another_org_it_comes_back_as_one_that_moved(first: Side) -> None:
    desk = Desk()
    kept = await desk.established()
    await desk.remove(kept.id, "62515")
    desk.salesforce.facts = Facts(org_id="00D2", salesforce_user_id="0059")
    new, _ = await desk.create()
    second = Side.SALESFORCE if first is Side.HUBSPOT else Side.HUBSPOT
    await desk.authorize(new.id, first)
    back = await desk.authorize(new.id, second)
    assert (back.id, back.org_id) == (kept.id, "00D2")
    assert desk.store.events() == [ESTABLISHED, REMOVED, MOVED]


async def test_a_connection_that_works_is_taken_up_by_nobody() -> None:
    desk = Desk()
    await desk.established()
    new, _ = await desk.create()
    with pytest.raises(ConnectError):
        await desk.authorize(new.id, Side.HUBSPOT)
    assert len(desk.store.state.rows) == 2


async def test_another_portal_does_not_bring_it_back() -> None:
    desk = Desk()
    kept = await desk.established()
    await desk.remove(kept.id, "62515")
    desk.hubspot.facts = Facts(portal_id="99", hubspot_user_id="7")
    with pytest.raises(ConnectError):
        await desk.authorize(kept.id, Side.HUBSPOT)
    new, _ = await desk.create()
    assert (await desk.authorize(new.id, Side.HUBSPOT)).id == new.id


async def test_a_grant_that_dies_on_the_way_back_is_told_to_nobody() -> None:
    desk = Desk()
    connection = await desk.established()
    await desk.remove(connection.id, "62515")
    await desk.authorize(connection.id, Side.HUBSPOT)
    desk.store.pass_time(minutes=40)
    desk.hubspot.refusal = GrantDeadError("revoked", code="invalid_grant")
    with pytest.raises(Exception, match="has to be connected"):
        await desk.token(connection.id, Side.HUBSPOT)
    assert desk.store.state.rows[connection.id].state is State.DISCONNECTED
    assert desk.store.events() == [ESTABLISHED, REMOVED]


async def test_after_a_purge_the_portal_begins_anew() -> None:
    desk = Desk()
    gone = await desk.established()
    await desk.remove(gone.id, "62515", purge=True)
    fresh = await desk.established()
    assert fresh.id != gone.id
    with pytest.raises(UnknownConnectionError):
        await overview(desk.store, gone.id)


async def test_a_shared_org_does_not_count_who_is_disconnected() -> None:
    desk = Desk()
    first = await desk.established()
    await desk.remove(first.id, "62515")
    async with desk.store.begin() as work:
        assert await work.sharing(["00D1"]) == {}
