"""The ingress service in a process of its own, and a sender that retries as HubSpot does."""

import asyncio
import base64
import os
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx2
from sqlalchemy import insert

from deploy.local.backing import Backing
from deploy.stack.environment import Secrets, free_port
from deploy.stack.process import Child, start
from services.ingress.store.tables import connections, deliveries
from shared.contracts.ingress import ContactChanged
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.db.provision import provision_async
from shared.messaging.envelope import Envelope
from shared.messaging.topology import Subscription
from shared.security.hubspot_signature import sign_v3
from tests.chaos.plant import until
from tests.fakes.broker import topology
from tests.integration.ingress.conftest import SECRET, URL, body, connection, event, row_of

QUEUE = "chaos.told"
LARGE = 40
"""Events of a delivery whose body is not compressed into a few bytes: about 30 kB."""


@dataclass(slots=True)
class Door:
    """Where deliveries are sent to, and which of them were accepted."""

    child: Child
    origin: str
    admin_url: str
    http: httpx2.AsyncClient
    role: str
    accepted: list[bytes] = field(default_factory=list)
    refused: list[httpx2.Response] = field(default_factory=list)

    async def knock(self, number: int) -> bool:
        """One delivery, large and unlike any other; whether it was accepted."""
        noise = [base64.b64encode(os.urandom(300)).decode() for _ in range(LARGE)]
        sent = body(*(event(number, propertyValue=one) for one in noise))
        return await self.send(sent)

    async def send(self, sent: bytes) -> bool:
        """The same delivery again, as a sender does who was refused."""
        stamp = str(int(datetime.now(UTC).timestamp() * 1000))
        headers = {
            "Content-Type": "application/json",
            "X-HubSpot-Request-Timestamp": stamp,
            "X-HubSpot-Signature-v3": sign_v3(
                secret=SECRET, method="POST", uri=URL, body=sent, timestamp=stamp
            ),
        }
        answer = await self.http.post("/webhooks/hubspot", content=sent, headers=headers)
        if answer.status_code == HTTPStatus.NO_CONTENT:
            self.accepted.append(sent)
            return True
        self.refused.append(answer)
        return False

    async def until_sent(self, number: int) -> None:
        """Sends until it is accepted."""

        async def accepted() -> bool:
            return await self.knock(number)

        await until(accepted)

    async def readiness(self) -> dict[str, str]:
        """The checks that are not ok."""
        answer = await self.http.get("/readyz")
        return {key: text for key, text in answer.json()["checks"].items() if text != "ok"}

    async def until_ready(self) -> None:
        """Returns when every check is ok; the process may not have come up yet."""

        async def ready() -> bool:
            try:
                return not await self.readiness()
            except httpx2.HTTPError:
                return False

        await until(ready)

    async def until_not_ready(self, words: str) -> None:
        """Returns when readiness says these words of the database."""

        async def told() -> bool:
            return words in (await self.readiness()).get("ingress.database", "")

        await until(told)

    async def audit(self) -> None:
        """A0: what was accepted is stored once and told, nothing else is; the process ends well."""
        conn = await asyncpg.connect(self.admin_url)
        try:

            async def told() -> bool:
                waiting = await conn.fetchval(
                    "SELECT (SELECT count(*) FROM ingress.outbox) + "
                    "(SELECT count(*) FROM ingress.deliveries WHERE split_at IS NULL)"
                )
                return bool(waiting == 0)

            await until(told)
            rows = await conn.fetch(
                "SELECT body FROM ingress.deliveries WHERE length(body) < $1", MB
            )
        finally:
            await conn.close()
        assert Counter(row[0] for row in rows) == Counter(self.accepted)
        assert self.child.alive()
        await asyncio.to_thread(self.child.stop)
        assert self.child.process.returncode == 0


MB = 1_000_000


async def ballast(admin_url: str, size: int) -> int:
    """Fills the deliveries with that many bytes; the size of the file that they lie in."""
    conn = await asyncpg.connect(admin_url)
    try:
        for _ in range(-(-size // MB)):
            await conn.execute(
                "INSERT INTO ingress.deliveries (id, body, split_at) VALUES ($1, $2, now())",
                uuid.uuid4(),
                os.urandom(MB),
            )
        return int(
            await conn.fetchval(
                "SELECT pg_relation_size(reltoastrelid) FROM pg_class WHERE oid = $1::regclass",
                f"{deliveries.schema}.{deliveries.name}",
            )
        )
    finally:
        await conn.close()


@asynccontextmanager
async def opened(servers: Backing, logs: Path, *, skew: int = 0) -> AsyncIterator[Door]:
    """The service as it is deployed, for one portal, on servers that may be broken.

    `skew` is how many seconds its clock is ahead.
    """
    name = f"chaos_{uuid.uuid4().hex[:12]}"
    urls = await provision_async(servers.database_url, database=name, passwords={"ingress": "p"})
    await asyncio.to_thread(upgrade, "ingress", urls["ingress"])
    database = Database.connect(urls["ingress"], application="chaos")
    async with database.begin() as conn:
        await conn.execute(insert(connections).values(row_of(connection())))
    await database.close()
    origin = f"http://127.0.0.1:{free_port()}"
    keys = Secrets()
    environ = {
        "CAUSEWAY_AMQP_URL": servers.amqp_url,
        "CAUSEWAY_AMQP_NAMESPACE": f"{name}.",
        "CAUSEWAY_INGRESS_DATABASE_URL": urls["ingress"],
        "CAUSEWAY_INGRESS_POLL_SECONDS": "3600",
        "CAUSEWAY_HOST": "127.0.0.1",
        "CAUSEWAY_PORT": origin.rpartition(":")[2],
        "CAUSEWAY_PUBLIC_URL": URL.removesuffix("/webhooks/hubspot"),
        "CAUSEWAY_PEER_URL": origin,
        "CAUSEWAY_TOKEN_KEY": keys.token_key,
        "CAUSEWAY_HASH_KEY": keys.hash_key,
        "CAUSEWAY_HUBSPOT_CLIENT_SECRET": SECRET,
        "CHAOS_SKEW": str(skew),
    }
    admin_url = urlsplit(servers.database_url)._replace(path=f"/{name}").geturl()
    told = Subscription(QUEUE, (ContactChanged,), _nothing)
    async with (
        topology(servers.amqp_url, [told], namespace=f"{name}."),
        httpx2.AsyncClient(base_url=origin, timeout=30.0) as http,
    ):
        arguments = ["tests.chaos.skewed", "services.ingress", "all"]
        child = start("ingress", arguments, environ=environ, logs=logs)
        try:
            yield Door(child, origin, admin_url, http, f"{name}_ingress")
        finally:
            if child.alive():
                child.kill()
    admin = await asyncpg.connect(servers.database_url)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.execute(f'DROP ROLE "{name}_ingress"')
    await admin.close()


async def _nothing(_batch: Sequence[Envelope]) -> None:
    """Nobody consumes this queue."""
