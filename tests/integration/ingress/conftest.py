"""The ingress service's door on a real database; the broker check is in the test's hand."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

import httpx2
import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from sqlalchemy import delete, func, insert, select

from services.ingress.api import routes
from services.ingress.ports import Connection
from services.ingress.store import TABLES, PostgresStore
from services.ingress.store.tables import connections, deliveries
from shared.contracts.settings import FieldMapping, Settings
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.db.provision import provision_async
from shared.kernel.clock import SystemClock
from shared.kernel.errors import RetriableError
from shared.kernel.ids import new_id
from shared.kernel.records import ObjectType
from shared.outbox.outbox import Outbox
from shared.security.hubspot_signature import sign_v3
from shared.web.app import create_app
from tests.factories.standings import RUNNING

SECRET = "an-invented-client-secret"
URL = "https://causeway.example/webhooks/hubspot"
PORTAL = 111
EMPTY: Mapping[str, str] = {}


@dataclass
class Broker:
    """A broker check that can be told to fail."""

    down: bool = False

    async def __call__(self) -> None:
        if self.down:
            raise RetriableError("RabbitMQ does not answer.", code="broker_unavailable")


@dataclass
class Door:
    """The door with one known portal, and what stands behind it."""

    http: httpx2.AsyncClient
    database: Database
    broker: Broker = field(default_factory=Broker)

    async def knock(
        self, body: bytes, *, at: datetime | None = None, headers: Mapping[str, str] = EMPTY
    ) -> httpx2.Response:
        """A delivery signed as HubSpot signs; headers given here win."""
        stamp = str(int((at or datetime.now(UTC)).timestamp() * 1000))
        signed = {
            "Content-Type": "application/json",
            "X-HubSpot-Request-Timestamp": stamp,
            "X-HubSpot-Signature-v3": sign_v3(
                secret=SECRET, method="POST", uri=URL, body=body, timestamp=stamp
            ),
        }
        both = {**signed, **headers}
        return await self.http.post("/webhooks/hubspot", content=body, headers=both)

    @property
    def store(self) -> PostgresStore:
        """The service's store over the same database."""
        return store_on(self.database)

    async def stored(self) -> int:
        """Deliveries that were stored."""
        async with self.database.begin() as conn:
            return (await conn.execute(select(func.count()).select_from(deliveries))).scalar_one()


def event(number: int = 1, **more: object) -> dict[str, object]:
    """One element of a delivery."""
    return {
        "eventId": number,
        "subscriptionId": 1,
        "portalId": PORTAL,
        "appId": 222,
        "occurredAt": 1_763_892_000_123,
        "subscriptionType": "contact.propertyChange",
        "attemptNumber": 0,
        "objectId": 500 + number,
        "propertyName": "firstname",
        "propertyValue": "Ada",
        "changeSource": "CRM_UI",
        **more,
    }


def body(*events: dict[str, object]) -> bytes:
    """A delivery's body."""
    return json.dumps(list(events)).encode()


def connection() -> Connection:
    """A running connection that maps the first name."""
    mapping = FieldMapping(
        object_type=ObjectType.CONTACT,
        hubspot_property="firstname",
        salesforce_field="FirstName",
        salesforce_objects=("Contact", "Lead"),
    )
    settings = Settings(version=1, mappings=(mapping,))
    return Connection(uuid4(), str(PORTAL), "222", "005A", settings, RUNNING)


@pytest.fixture
async def ingress_url(admin_url: str, database_name: str) -> str:
    urls = await provision_async(admin_url, database=database_name, passwords={"ingress": "p"})
    await asyncio.to_thread(upgrade, "ingress", urls["ingress"])
    return urls["ingress"]


@pytest.fixture
async def door(ingress_url: str) -> AsyncIterator[Door]:
    database = Database.connect(ingress_url, application="test")
    clock = SystemClock()
    store = store_on(database)
    broker = Broker()
    app = create_app(
        title="ingress",
        routers=[
            routes(
                store=store,
                clock=clock,
                new_id=new_id,
                client_secret=SecretStr(SECRET),
                webhook_url=URL,
                check_broker=broker,
            ),
        ],
        checks={},
        registry=CollectorRegistry(),
    )
    async with database.begin() as conn:
        for table in (deliveries, TABLES.outbox, connections):
            await conn.execute(delete(table))
        await conn.execute(insert(connections).values(row_of(connection())))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://causeway") as http:
        yield Door(http, database, broker)
    await database.close()


def store_on(database: Database) -> PostgresStore:
    """The service's store."""
    outbox = Outbox(TABLES.outbox, source="ingress")
    return PostgresStore(database, outbox=outbox, clock=SystemClock())


def row_of(known: Connection) -> dict[str, object]:
    assert known.settings is not None
    return {
        "id": known.id,
        "portal_id": known.portal_id,
        "app_id": known.app_id,
        "salesforce_user_id": known.salesforce_user_id,
        "settings": known.settings.model_dump(mode="json"),
        "standing": known.standing.model_dump(mode="json"),
        "running": known.standing.running,
        "broken": known.broken,
    }
