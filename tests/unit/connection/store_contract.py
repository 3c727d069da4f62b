"""What every store of connection promises; the fake and Postgres both keep it."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.connection.domain.attempt import Attempt, Departure, digest
from services.connection.domain.checklist import Item, Mark
from services.connection.domain.connection import (
    Connection,
    Environment,
    Grant,
    State,
    Target,
    Untold,
)
from services.connection.domain.failures import ConnectError
from services.connection.domain.features import Feature
from services.connection.domain.preflight import Preflight, Users
from services.connection.ports import Store
from shared.kernel.ids import new_id
from shared.kernel.records import Side

TEN_MINUTES = timedelta(minutes=10)


def grant_for(connection_id: UUID, side: Side, now: datetime) -> Grant:
    return Grant(
        connection_id=connection_id,
        side=side,
        access_token="access",
        refresh_token="refresh",
        expires_at=now + timedelta(minutes=30),
        refreshed_at=now,
        base_url="https://api.example",
        scopes=frozenset({"a", "b"}),
        granted_at=now,
        generation=1,
    )


class StoreContract:
    """Subclasses give the fixture `store`; every test makes connections of its own."""

    @pytest.fixture
    async def connection(self, store: Store) -> Connection:
        async with store.begin() as work:
            now = await work.now()
            made = Connection(
                new_id(), Environment.SANDBOX, now, "acme--x.sandbox.my.salesforce.com"
            )
            return await work.add_connection(made, None)

    async def test_a_connection_comes_back_as_it_was_saved(
        self, store: Store, connection: Connection
    ) -> None:
        changed = replace(
            connection,
            state=State.ACTIVE,
            portal_id=str(connection.id.int),
            org_id="00D1",
            instance_url="https://x.my.salesforce.com",
            salesforce_user_id="0051",
            hubspot_user_id="7",
            untold=Untold.ORG,
        )
        async with store.begin() as work:
            assert await work.connection(connection.id) == connection
            await work.save(changed, ())
        async with store.begin() as work:
            assert await work.connection(connection.id, lock=True) == changed
            assert await work.holder_of(str(connection.id.int)) == connection.id
            assert await work.holder_of("nobody's") is None
            assert await work.connection(uuid4()) is None

    async def test_a_repeated_key_brings_the_first_connection(self, store: Store) -> None:
        key = str(uuid4())
        async with store.begin() as work:
            now = await work.now()
            first = Connection(new_id(), Environment.PRODUCTION, now)
            assert await work.add_connection(first, key) == first
        async with store.begin() as work:
            second = Connection(new_id(), Environment.SANDBOX, now)
            assert await work.add_connection(second, key) == first

    async def test_pages_follow_the_order_of_creation(
        self, store: Store, connection: Connection
    ) -> None:
        async with store.begin() as work:
            later = Connection(new_id(), Environment.PRODUCTION, connection.created_at)
            await work.add_connection(later, None)
            first = await work.connections(None, 1000)
            assert [c.id for c in first][-2:] == [connection.id, later.id]
            assert await work.connections(connection.id, 1) == [later]

    async def test_two_connections_cannot_have_one_portal(
        self, store: Store, connection: Connection
    ) -> None:
        portal = str(uuid4().int)
        async with store.begin() as work:
            other = Connection(new_id(), Environment.PRODUCTION, connection.created_at)
            await work.add_connection(other, None)
            await work.save(replace(connection, portal_id=portal), ())

        async def take_it_too() -> None:
            async with store.begin() as work:
                await work.save(replace(other, portal_id=portal), ())

        with pytest.raises(ConnectError) as caught:
            await take_it_too()
        assert caught.value.code == "portal-already-connected"

    async def test_connections_on_one_org_are_found(
        self, store: Store, connection: Connection
    ) -> None:
        org_id = str(uuid4())
        async with store.begin() as work:
            later = Connection(new_id(), Environment.PRODUCTION, connection.created_at)
            await work.add_connection(later, None)
            assert await work.sharing([org_id]) == {}
            await work.save(replace(connection, org_id=org_id), ())
            await work.save(replace(later, org_id=org_id), ())
        async with store.begin() as work:
            assert await work.sharing([org_id, "none"]) == {org_id: [connection.id, later.id]}

    async def test_the_latest_preflight_is_kept_and_goes_with_its_connection(
        self, store: Store, connection: Connection
    ) -> None:
        item = Item(
            key="salesforce.edition",
            side=Side.SALESFORCE,
            right="an edition",
            mark=Mark.FAILED,
            features=(Feature.CONTACTS, Feature.DEALS),
            found="none",
            todo="get one",
        )
        async with store.begin() as work:
            now = await work.now()
            users = Users("7", None, "00D1")
            run = Preflight(connection.id, now, (Feature.CONTACTS,), (item,), users)
            assert await work.preflights([connection.id]) == {}
            await work.save_preflight(run)
            newer = replace(run, lost=("salesforce.edition",), features=(Feature.DEALS,))
            await work.save_preflight(newer)
        async with store.begin() as work:
            assert await work.preflights([connection.id, uuid4()]) == {connection.id: newer}
            await work.remove(connection.id)
        async with store.begin() as work:
            assert await work.preflights([connection.id]) == {}

    async def test_a_disconnected_connection_stays_without_what_belonged_to_it(
        self, store: Store, connection: Connection
    ) -> None:
        ticket = str(uuid4())
        async with store.begin() as work:
            now = await work.now()
            await work.save(connection, (grant_for(connection.id, Side.HUBSPOT, now),))
            until = now + TEN_MINUTES
            await work.add_attempt(Attempt(digest(ticket), connection.id, Side.HUBSPOT, until))
        kept = replace(connection, state=State.DISCONNECTED)
        async with store.begin() as work:
            await work.disconnect(kept)
        async with store.begin() as work:
            assert await work.connection(connection.id) == kept
            assert await work.grants([connection.id]) == {}
            sent = Departure("s", "b", "v")
            assert await work.depart(digest(ticket), sent, TEN_MINUTES) is None

    async def test_former_ids_lead_to_the_connection_that_was_taken_up(
        self, store: Store, connection: Connection
    ) -> None:
        key, ids = str(uuid4()), [uuid4(), uuid4()]
        async with store.begin() as work:
            now = await work.now()
            for new_id in ids:
                new = Connection(new_id, Environment.SANDBOX, now)
                new = await work.add_connection(new, key if new_id == ids[1] else None)
                await work.take_up(new, connection)
        async with store.begin() as work:
            for former in ids:
                assert await work.connection(former, lock=True) == connection
            again = Connection(uuid4(), Environment.SANDBOX, now)
            assert await work.add_connection(again, key) == connection
            await work.remove(connection.id)
        async with store.begin() as work:
            assert await work.connection(ids[0]) is None

    async def test_grants_come_back_and_are_replaced(
        self, store: Store, connection: Connection
    ) -> None:
        async with store.begin() as work:
            now = await work.now()
            hubspot = grant_for(connection.id, Side.HUBSPOT, now)
            salesforce = grant_for(connection.id, Side.SALESFORCE, now)
            await work.save(connection, (hubspot, salesforce))
        newer = replace(
            hubspot,
            access_token="newer",
            generation=2,
            broken_reason="gone",
            break_announced=True,
            account_id="62515",
        )
        async with store.begin() as work:
            await work.save(connection, (newer,))
        async with store.begin() as work:
            found = await work.grants([connection.id, uuid4()])
            expected = {Side.HUBSPOT: newer, Side.SALESFORCE: salesforce}
            assert found == {connection.id: expected}

    async def test_a_refresh_is_leased_to_one_and_ends_with_the_save(
        self, store: Store, connection: Connection
    ) -> None:
        one, two = uuid4(), uuid4()
        minute = timedelta(minutes=1)
        async with store.begin() as work:
            grant = grant_for(connection.id, Side.HUBSPOT, await work.now())
            await work.save(connection, (grant,))
            assert await work.lease_refresh(grant, one, minute)
            assert not await work.lease_refresh(grant, two, minute)
            await work.end_lease(connection.id, Side.HUBSPOT, two)
            assert not await work.lease_refresh(grant, two, minute)
            await work.end_lease(connection.id, Side.HUBSPOT, one)
            assert await work.lease_refresh(grant, two, minute)
            newer = replace(grant, generation=2)
            await work.save(connection, (newer,))
            assert not await work.lease_refresh(grant, one, minute)
            assert await work.lease_refresh(newer, one, timedelta(0))
            assert await work.lease_refresh(newer, two, minute)

    async def test_an_attempt_departs_and_arrives_once(
        self, store: Store, connection: Connection
    ) -> None:
        ticket, sent = str(uuid4()), Departure(str(uuid4()), "binding", "verifier")
        bound = (digest(sent.state), digest(sent.binding), Side.HUBSPOT)
        target = Target(Environment.PRODUCTION, "acme.my.salesforce.com")
        async with store.begin() as work:
            until = await work.now() + TEN_MINUTES
            attempt = Attempt(digest(ticket), connection.id, Side.HUBSPOT, until, target=target)
            await work.add_attempt(attempt)
        async with store.begin() as work:
            assert await work.depart(digest("other"), sent, TEN_MINUTES) is None
            gone = await work.depart(digest(ticket), sent, TEN_MINUTES)
            assert gone is not None
            assert (gone.connection_id, gone.verifier) == (connection.id, "verifier")
            assert gone.target == target
        async with store.begin() as work:
            assert await work.arrive(bound[0], digest("x"), Side.HUBSPOT) is None
            assert await work.arrive(bound[0], bound[1], Side.SALESFORCE) is None
        taken = await asyncio.gather(*(self._arrive(store, bound) for _ in range(4)))
        assert [attempt for attempt in taken if attempt is not None] == [gone]
        async with store.begin() as work:
            assert await work.depart(digest(ticket), sent, TEN_MINUTES) is None

    async def test_expired_attempts_do_nothing_and_are_forgotten(
        self, store: Store, connection: Connection
    ) -> None:
        late, fresh = str(uuid4()), str(uuid4())
        sent = Departure(str(uuid4()), "binding", "verifier")
        async with store.begin() as work:
            now = await work.now()
            await work.add_attempt(Attempt(digest(fresh), connection.id, Side.HUBSPOT, now))
            assert await work.depart(digest(fresh), sent, TEN_MINUTES) is None
            until = now + TEN_MINUTES
            await work.add_attempt(Attempt(digest(late), connection.id, Side.HUBSPOT, until))
            assert await work.depart(digest(late), sent, timedelta(0)) is not None
            assert await work.arrive(digest(sent.state), digest("binding"), Side.HUBSPOT) is None

    async def test_removal_takes_grants_and_attempts_along(
        self, store: Store, connection: Connection
    ) -> None:
        ticket = str(uuid4())
        async with store.begin() as work:
            now = await work.now()
            await work.save(connection, (grant_for(connection.id, Side.HUBSPOT, now),))
            until = now + TEN_MINUTES
            await work.add_attempt(Attempt(digest(ticket), connection.id, Side.HUBSPOT, until))
            await work.remove(connection.id)
        async with store.begin() as work:
            assert await work.connection(connection.id) is None
            assert await work.grants([connection.id]) == {}
            sent = Departure("s", "b", "v")
            assert await work.depart(digest(ticket), sent, TEN_MINUTES) is None

    async def _arrive(self, store: Store, bound: tuple[str, str, Side]) -> Attempt | None:
        async with store.begin() as work:
            return await work.arrive(*bound)
