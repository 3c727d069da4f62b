"""The use cases with their fakes, as a test wants to call them."""

from collections.abc import Callable
from itertools import count
from uuid import UUID

from services.connection.domain.connection import Connection, Environment, Grant, Target
from services.connection.domain.features import Feature
from services.connection.domain.preflight import Preflight
from services.connection.handlers import removal, setup, tokens
from services.connection.handlers.move import new_move
from services.connection.handlers.preflight import run_preflight
from shared.kernel.records import Side
from tests.unit.connection.fakes import FakeCrm, FakeScout, FakeStore


class Desk:
    def __init__(self) -> None:
        self.store = FakeStore()
        self.hubspot = FakeCrm(self.store, Side.HUBSPOT)
        self.salesforce = FakeCrm(self.store, Side.SALESFORCE, rotates=True)
        self.crms = {Side.HUBSPOT: self.hubspot, Side.SALESFORCE: self.salesforce}
        self.scout = FakeScout(self.store)
        self.while_waiting: Callable[[], None] = lambda: None
        self._ids = count(1)
        self._secrets = count(1)

    def new_id(self) -> UUID:
        return UUID(int=next(self._ids))

    def new_secret(self) -> str:
        return f"secret-{next(self._secrets)}"

    async def pause(self, seconds: float) -> None:
        self.store.pass_time(seconds=seconds)
        self.while_waiting()

    async def create(self, key: str | None = None) -> tuple[Connection, str]:
        return await setup.create_connection(
            self.store,
            environment=Environment.PRODUCTION,
            salesforce_domain=None,
            request_key=key,
            new_id=self.new_id,
            new_secret=self.new_secret,
        )

    async def finish(
        self, side: Side, state: str, binding: str, code: str = "code", **error: str
    ) -> Connection:
        return (await self.finished(side, state, binding, code, **error)).connection

    async def finished(
        self, side: Side, state: str, binding: str, code: str = "code", **error: str
    ) -> setup.Finished:
        return await setup.finish(
            self.store,
            self.crms,
            side,
            state=state,
            binding=binding,
            code=code,
            error=(error.get("error", ""), error.get("description", "")),
            hubspot_app_id="77",
        )

    async def authorize(self, connection_id: UUID, side: Side) -> Connection:
        ticket = await setup.new_ticket(self.store, connection_id, side, new_secret=self.new_secret)
        _, departure, _ = await setup.open_link(
            self.store, self.crms, ticket, new_secret=self.new_secret
        )
        return await self.finish(side, departure.state, departure.binding)

    async def move(
        self, connection_id: UUID, target: Target, confirm: str = "62515"
    ) -> setup.Finished:
        ticket = await new_move(
            self.store, connection_id, target=target, confirm=confirm, new_secret=self.new_secret
        )
        _, departure, _ = await setup.open_link(
            self.store, self.crms, ticket, new_secret=self.new_secret
        )
        return await self.finished(Side.SALESFORCE, departure.state, departure.binding)

    async def preflight(self, connection_id: UUID, *features: Feature) -> Preflight:
        return await run_preflight(self.store, self.scout, connection_id, features)

    async def established(self) -> Connection:
        connection, _ = await self.create()
        await self.authorize(connection.id, Side.HUBSPOT)
        return await self.authorize(connection.id, Side.SALESFORCE)

    async def token(self, connection_id: UUID, side: Side, rejected: str | None = None) -> Grant:
        return await tokens.access_token(
            self.store,
            self.crms,
            connection_id,
            side,
            rejected=rejected,
            new_id=self.new_id,
            pause=self.pause,
            hubspot_app_id="77",
        )

    async def remove(self, connection_id: UUID, confirm: str, *, purge: bool = False) -> int:
        failed = await removal.remove_connection(
            self.store, self.crms, connection_id, confirm=confirm, purge=purge
        )
        return len(failed)
