import asyncio

import pytest

from services.connection.domain.attempt import digest
from services.connection.domain.connection import State
from services.connection.handlers.tokens import BrokenError, IncompleteError
from services.connection.ports import GrantDeadError
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRemoved,
    ConnectionRestored,
)
from shared.kernel.errors import RetriableError
from shared.kernel.records import Side
from tests.unit.connection.desk import Desk

DEAD = GrantDeadError("The token was revoked.", code="BAD_REFRESH_TOKEN")


async def test_a_good_token_is_handed_out_without_asking_the_crm() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(minutes=27)
    grant = await desk.token(connection.id, Side.HUBSPOT)
    assert grant.access_token == "hubspot-access-1"
    assert desk.hubspot.refreshes == 0


async def test_a_token_near_its_end_is_refreshed_and_the_old_refresh_token_stays() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(minutes=28)
    grant = await desk.token(connection.id, Side.HUBSPOT)
    assert grant.access_token == "hubspot-access-2"
    assert grant.refresh_token == "hubspot-refresh-1"
    assert (await desk.token(connection.id, Side.HUBSPOT)).access_token == "hubspot-access-2"
    assert desk.hubspot.refreshes == 1


async def test_a_rotated_refresh_token_is_stored_before_the_access_token_is_used() -> None:
    desk = Desk()
    connection = await desk.established()
    for round_number in (2, 3):
        desk.store.pass_time(minutes=28)
        grant = await desk.token(connection.id, Side.SALESFORCE)
        assert grant.refresh_token == f"salesforce-refresh-{round_number}"
        assert desk.store.state.grant_rows[connection.id, Side.SALESFORCE] == grant


async def test_a_refused_token_is_refreshed_early_and_only_the_refused_one() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(seconds=10)
    assert (await desk.token(connection.id, Side.HUBSPOT, digest("old"))).generation == 1
    refused = digest("hubspot-access-1")
    assert (await desk.token(connection.id, Side.HUBSPOT, refused)).generation == 2
    assert (await desk.token(connection.id, Side.HUBSPOT, refused)).generation == 2


async def test_a_fresh_token_that_is_refused_is_not_refreshed_in_a_loop() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(seconds=9.9)
    grant = await desk.token(connection.id, Side.HUBSPOT, digest("hubspot-access-1"))
    assert grant.generation == 1
    assert desk.hubspot.refreshes == 0


async def test_many_askers_cause_one_refresh() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(minutes=28)
    grants = await asyncio.gather(*(desk.token(connection.id, Side.SALESFORCE) for _ in range(20)))
    assert {grant.access_token for grant in grants} == {"salesforce-access-2"}
    assert desk.salesforce.refreshes == 1


async def test_who_lost_the_lease_waits_for_the_winner_and_gets_its_token() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(minutes=28)
    grant = desk.store.state.grant_rows[connection.id, Side.HUBSPOT]
    winner = desk.new_id()
    key = (connection.id, Side.HUBSPOT)
    end = desk.store.state.clock.replace(year=2030)
    desk.store.state.leases[key] = (winner, end)

    def the_winner_stores() -> None:
        later = grant.expires_at.replace(year=2030)
        stored = type(grant)(
            **{name: getattr(grant, name) for name in grant.__slots__}
            | {"access_token": "winner", "expires_at": later, "generation": 2}
        )
        desk.store.state.grant_rows[key] = stored

    desk.while_waiting = the_winner_stores
    assert (await desk.token(connection.id, Side.HUBSPOT)).access_token == "winner"
    assert desk.hubspot.refreshes == 0


async def test_waiting_for_a_winner_is_bounded() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(minutes=28)
    end = desk.store.state.clock.replace(year=2030)
    desk.store.state.leases[connection.id, Side.HUBSPOT] = (desk.new_id(), end)
    with pytest.raises(RetriableError, match="Another process is refreshing"):
        await desk.token(connection.id, Side.HUBSPOT)


async def test_a_winner_that_died_holds_the_others_up_for_its_lease_only() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(minutes=28)
    grant = desk.store.state.grant_rows[connection.id, Side.HUBSPOT]
    async with desk.store.begin() as work:
        assert await work.lease_refresh(grant, desk.new_id(), desk.hubspot.lifetime / 360)
    assert (await desk.token(connection.id, Side.HUBSPOT)).generation == 2


async def test_a_dead_grant_breaks_the_connection_and_is_announced_once() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(minutes=28)
    desk.salesforce.refusal = DEAD
    for _ in range(2):
        with pytest.raises(BrokenError, match="has to be connected again") as caught:
            await desk.token(connection.id, Side.SALESFORCE)
        assert caught.value.code == "connection-broken"
    assert desk.store.state.rows[connection.id].state is State.BROKEN
    assert desk.store.events()[1:] == [
        ConnectionBroken(side=Side.SALESFORCE, reason="The token was revoked.")
    ]
    assert desk.salesforce.refreshes == 1
    assert (await desk.token(connection.id, Side.HUBSPOT)).generation == 2


async def test_a_reconnect_restores() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(minutes=28)
    desk.salesforce.refusal = DEAD
    with pytest.raises(BrokenError):
        await desk.token(connection.id, Side.SALESFORCE)
    desk.salesforce.refusal = None
    assert (await desk.authorize(connection.id, Side.SALESFORCE)).state is State.ACTIVE
    assert desk.store.events()[2:] == [ConnectionRestored(side=Side.SALESFORCE)]
    assert (await desk.token(connection.id, Side.SALESFORCE)).access_token == "salesforce-access-2"


async def test_a_restoration_waits_until_no_side_is_broken() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(minutes=28)
    for crm in (desk.hubspot, desk.salesforce):
        crm.refusal = DEAD
        with pytest.raises(BrokenError):
            await desk.token(connection.id, crm.side)
        crm.refusal = None
    assert (await desk.authorize(connection.id, Side.HUBSPOT)).state is State.BROKEN
    assert len(desk.store.events()) == 3
    assert (await desk.authorize(connection.id, Side.SALESFORCE)).state is State.ACTIVE
    assert desk.store.events()[3:] == [
        ConnectionRestored(side=Side.HUBSPOT),
        ConnectionRestored(side=Side.SALESFORCE),
    ]


async def test_any_other_refusal_leaves_the_grant_alone_and_lets_the_next_one_try() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(minutes=28)
    desk.hubspot.refusal = RetriableError("wrong client secret", code="oauth-client-refused")
    with pytest.raises(RetriableError, match="wrong client secret"):
        await desk.token(connection.id, Side.HUBSPOT)
    assert desk.store.state.rows[connection.id].state is State.ACTIVE
    desk.hubspot.refusal = None
    assert (await desk.token(connection.id, Side.HUBSPOT)).generation == 2


async def test_an_instance_that_moved_is_announced() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.store.pass_time(minutes=28)
    desk.salesforce.base_url = "https://moved.example"
    assert (await desk.token(connection.id, Side.SALESFORCE)).base_url == "https://moved.example"
    announced = desk.store.events()[-1]
    assert isinstance(announced, ConnectionEstablished)
    assert announced.instance_url == "https://moved.example"


async def test_a_side_that_was_never_connected_has_no_token() -> None:
    desk = Desk()
    connection, _ = await desk.create()
    with pytest.raises(IncompleteError, match="authorizations/salesforce"):
        await desk.token(connection.id, Side.SALESFORCE)


async def test_removal_wants_the_portals_id_and_revokes_both_grants() -> None:
    desk = Desk()
    connection = await desk.established()
    with pytest.raises(Exception, match="Nothing was changed"):
        await desk.remove(connection.id, "62516")
    assert await desk.remove(connection.id, "62515", purge=True) == 0
    assert desk.hubspot.revoked == ["hubspot-refresh-1"]
    assert desk.salesforce.revoked == ["salesforce-refresh-1"]
    assert desk.store.state.rows == {}
    assert desk.store.state.grant_rows == {}
    assert desk.store.events()[1:] == [ConnectionRemoved(purge=True)]


async def test_a_removal_stands_even_when_a_revocation_fails() -> None:
    desk = Desk()
    connection = await desk.established()
    desk.hubspot.refusal = RetriableError("busy", code="busy")
    assert await desk.remove(connection.id, "62515") == 1
    assert desk.store.state.grant_rows == {}


async def test_a_connection_without_a_portal_is_confirmed_by_its_own_id() -> None:
    desk = Desk()
    connection, _ = await desk.create()
    assert await desk.remove(connection.id, str(connection.id)) == 0
    assert desk.store.events() == [ConnectionRemoved(purge=True)]
