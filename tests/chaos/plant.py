"""A `plumber` with its database, its queues and its processes, and what is left of its work."""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import aio_pika
import asyncpg
import httpx2

from deploy.local.backing import Backing
from deploy.stack.environment import Secrets, free_port
from deploy.stack.process import STOP_SECONDS, Child, start
from shared.db.database import Database, DatabaseUnavailableError
from shared.db.provision import provision_async
from shared.kernel.ids import new_id
from shared.messaging.topology import Subscription
from shared.outbox.inbox import Inbox
from shared.outbox.mailbox import Mailbox
from shared.outbox.outbox import Outbox
from tests.chaos.plumber import QUEUE, TOGETHER, decide, subscription
from tests.chaos.tables import INBOX, MAILBOX, METADATA, OUTBOX, SCHEMA
from tests.fakes.broker import topology

PATIENCE = 240.0
"""Seconds until something has to have come about, on a machine that is full of other work."""

LOOK_SECONDS = 0.1


async def until(condition: Callable[[], Awaitable[bool]], *, patience: float = PATIENCE) -> None:
    """Polls a condition with a bound, where nothing can be waited for."""
    async with asyncio.timeout(patience):
        while not await condition():
            await asyncio.sleep(LOOK_SECONDS)


@dataclass(frozen=True, slots=True)
class Left:
    """What an audit finds in the tables; every list is of subjects."""

    states: Counter[str]
    effects: Counter[str]
    drained: Counter[str]
    outbox: Counter[str]
    mailbox: int
    held: int

    @property
    def done(self) -> bool:
        """Whether every state's event has come to its end, and nothing waits."""
        waits = self.outbox.total() + self.mailbox + self.held
        return not waits and self.states.keys() == self.effects.keys() == self.drained.keys()


@dataclass(slots=True)
class Plant:
    """The processes of one test, on servers that it may kill."""

    database_url: str
    amqp_url: str
    admin_url: str
    namespace: str
    logs: Path
    database: Database
    workers: list[Child] = field(default_factory=list)
    ports: dict[str, int] = field(default_factory=dict)

    def start(self, name: str, **chaos: str) -> Child:
        """One more worker; `chaos` are its CHAOS_ variables."""
        self.ports[name] = free_port()
        origin = f"http://127.0.0.1:{self.ports[name]}"
        environ = {
            "CAUSEWAY_AMQP_URL": self.amqp_url,
            "CAUSEWAY_AMQP_NAMESPACE": self.namespace,
            "CAUSEWAY_PLUMBER_DATABASE_URL": self.database_url,
            "CAUSEWAY_HOST": "127.0.0.1",
            "CAUSEWAY_PORT": str(self.ports[name]),
            "CAUSEWAY_PUBLIC_URL": origin,
            "CAUSEWAY_PEER_URL": origin,
            "CAUSEWAY_TOKEN_KEY": Secrets().token_key,
            **{f"CHAOS_{key.upper()}": value for key, value in chaos.items()},
        }
        arguments = ["tests.chaos.plumber", "worker"]
        if "skew" in chaos:
            arguments = ["tests.chaos.skewed", *arguments]
        child = start(name, arguments, environ=environ, logs=self.logs)
        self.workers.append(child)
        return child

    async def readiness(self, name: str) -> dict[str, str]:
        """The checks of a worker that are not ok; {"process": ...} while it does not answer."""
        try:
            async with httpx2.AsyncClient() as http:
                answer = await http.get(f"http://127.0.0.1:{self.ports[name]}/readyz", timeout=10)
        except httpx2.HTTPError as error:
            return {"process": type(error).__name__}
        return {key: text for key, text in answer.json()["checks"].items() if text != "ok"}

    async def metrics(self, name: str) -> str:
        """What a worker tells on /metrics."""
        async with httpx2.AsyncClient() as http:
            answer = await http.get(f"http://127.0.0.1:{self.ports[name]}/metrics", timeout=10)
        return answer.text

    async def until_ready(self, name: str) -> None:
        """Returns when every check of a worker is ok."""

        async def ready() -> bool:
            return not await self.readiness(name)

        await until(ready)

    async def decide(self, *subjects: str) -> None:
        """Decides these things, and goes on trying while the database is away."""
        outbox = Outbox(OUTBOX, source=SCHEMA)
        for first in range(0, len(subjects), TOGETHER):
            some = subjects[first : first + TOGETHER]
            while True:
                try:
                    await decide(self.database, outbox, some)
                except DatabaseUnavailableError:
                    await asyncio.sleep(LOOK_SECONDS)
                else:
                    break

    async def left(self) -> Left:
        """What is in the tables, asked as an administrator."""
        conn = await asyncpg.connect(self.admin_url)
        try:
            found = {
                name: Counter(
                    row[0]
                    for row in await conn.fetch(f"SELECT subject FROM {SCHEMA}.{name}")  # noqa: S608
                )
                for name in ("states", "effects", "drained", "outbox")
            }
            mailbox = await conn.fetchval(f"SELECT count(*) FROM {SCHEMA}.mailbox")  # noqa: S608
            held = await conn.fetchval(
                f"SELECT count(*) FROM {SCHEMA}.lanes WHERE held_until >= now()"  # noqa: S608
            )
        finally:
            await conn.close()
        return Left(**found, mailbox=mailbox, held=held)

    async def execute(self, statement: str, *values: object) -> None:
        """One statement as an administrator."""
        conn = await asyncpg.connect(self.admin_url)
        try:
            await conn.execute(statement, *values)
        finally:
            await conn.close()

    async def value(self, query: str) -> float:
        """One number, asked as an administrator."""
        conn = await asyncpg.connect(self.admin_url)
        try:
            return float(await conn.fetchval(query))
        finally:
            await conn.close()

    async def pass_time(self) -> None:
        """Every lease that a dead process still holds is over."""
        for name in ("outbox", "mailbox", "lanes"):
            await self.execute(f"UPDATE {SCHEMA}.{name} SET held_until = NULL")  # noqa: S608

    async def messages(self) -> dict[str, int]:
        """How many messages lie in each queue; those that somebody holds are not among them."""
        found = {}
        async with await aio_pika.connect(self.amqp_url) as connection:
            channel = await connection.channel()
            for name in (QUEUE, f"{QUEUE}.suspect", f"{QUEUE}.dead"):
                queue = await channel.declare_queue(self.namespace + name, passive=True)
                found[name.removeprefix(QUEUE)] = queue.declaration_result.message_count or 0
        return found

    async def finished(self, expected: int) -> None:
        """Waits until so many things were decided, and all that is to come of them has come."""

        async def done() -> bool:
            try:
                left = await self.left()
                return left.states.total() >= expected and left.done
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                return False

        try:
            await until(done)
        except TimeoutError:
            left = await self.left()
            missing = (left.states - left.effects).total(), (left.states - left.drained).total()
            waits = f"outbox {left.outbox.total()}, mailbox {left.mailbox}, lanes {left.held}"
            raise AssertionError(
                f"without effect, not drained: {missing}; {waits}; {await self.messages()}"
            ) from None

    async def audit(self, expected: int) -> None:
        """A0: nothing lost, nothing twice, nothing left over, no dead letters; workers end well."""
        await self.finished(expected)
        left = await self.left()
        assert left.states.total() == expected
        assert left.effects == left.states, "an effect is missing or was there twice"
        assert left.drained == left.states, "a drain is missing or was done twice"
        codes = await asyncio.to_thread(self.stop)
        assert set(codes) <= {0}, f"workers ended with {codes}"
        assert await self.messages() == {"": 0, ".suspect": 0, ".dead": 0}

    def stop(self) -> list[int | None]:
        """SIGTERM to the workers that still run; their exit codes."""
        alive = [child for child in self.workers if child.alive()]
        for child in alive:
            child.process.terminate()
        for child in alive:
            child.process.wait(STOP_SECONDS)
        self.workers.clear()
        return [child.process.returncode for child in alive]


@asynccontextmanager
async def planted(servers: Backing, logs: Path) -> AsyncIterator[Plant]:
    """A plant without processes; at the end what it started is gone, and so are its queues."""
    name = f"chaos_{uuid.uuid4().hex[:12]}"
    urls = await provision_async(servers.database_url, database=name, passwords={SCHEMA: "p"})
    database = Database.connect(urls[SCHEMA], application="chaos")
    async with database.begin() as conn:
        await conn.run_sync(METADATA.create_all)
    declared = _subscription(database)
    namespace = f"{name}."
    admin_url = urlsplit(servers.database_url)._replace(path=f"/{name}").geturl()
    plant = Plant(urls[SCHEMA], servers.amqp_url, admin_url, namespace, logs, database)
    async with topology(servers.amqp_url, [declared], namespace=namespace):
        with stopping(plant):
            yield plant
    await database.close()
    admin = await asyncpg.connect(servers.database_url)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.execute(f'DROP ROLE "{name}_{SCHEMA}"')
    await admin.close()


@contextmanager
def stopping(plant: Plant) -> Iterator[None]:
    """Whatever happens inside, no worker is left."""
    try:
        yield
    finally:
        for child in plant.workers:
            if child.alive():
                child.kill()


def _subscription(database: Database) -> Subscription:
    return subscription(database, Inbox(INBOX), Mailbox(MAILBOX))


def new_tag() -> str:
    """Goes before the subjects of one round."""
    return new_id().hex
