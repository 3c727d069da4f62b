"""The closing audit A0 (facts: engineering 2.4): nothing lost, nothing twice, nothing left over.

It looks at the CRMs through their control planes and at the database as an administrator, and
judges by its own reading of the mappings, not by the services' code.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aio_pika
import asyncpg

from deploy.docs.catalogue import subscriptions
from deploy.stack.quiet import NeverQuietError
from deploy.stack.setup import Admin
from deploy.stack.simulator import Simulator
from deploy.stack.stack import Stack
from tests.e2e.conftest import World, opened

WITH_MAILBOX = ("contact_sync", "activity_sync")
STEP_SECONDS = 0.5
"""A retry's wait, however long it is, is over after this time."""

LEASE_AGE_MS = 15_000
"""Pollers hold leases all the time, for a moment each; one that is older was not given back."""

LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 20.0
Fields = Mapping[str, Any]


@dataclass(slots=True)
class Findings:
    """What is wrong, in words; nothing is good."""

    wrong: list[str] = field(default_factory=list)

    def expect(self, *, good: bool, otherwise: str) -> None:
        """Notes a sentence about what should have been."""
        if not good:
            self.wrong.append(otherwise)


_set_up: dict[str, str] = {}
_restarted: dict[str, float] = {}


@asynccontextmanager
async def entered(running: Stack) -> AsyncIterator[World]:
    """The world of a deployment, set up on the first use; later ones do not wait for quiet."""
    if running.origin not in _set_up:
        async with opened(running) as first:
            _set_up[running.origin] = first.connection_id
    admin = Admin(running.origin, running.token())
    sides = Simulator(running.hubspot_url), Simulator(running.salesforce_url)
    try:
        yield World(running, admin, _set_up[running.origin], *sides)
    finally:
        for client in (admin, *sides):
            await client.close()


def restart(running: Stack) -> None:
    """Starts the services again; leases that the old process took with it run out by themselves."""
    running.start("services", ["services", "all"], CAUSEWAY_APART="")
    _restarted[running.origin] = time.time()
    running.wait_ready()


async def settle(world: World) -> None:
    """Waits until nothing is left to do, while the waits of retries pass at once.

    NeverQuietError says what goes on waiting; what a pause holds may.
    """
    async with passing_time(world):
        await world.quiet()
    conn = await asyncpg.connect(world.stack.database_url)
    try:
        waiting = await _waiting(conn)
    finally:
        await conn.close()
    if waiting:
        raise NeverQuietError(f"still waiting: {waiting}")


@asynccontextmanager
async def passing_time(world: World) -> AsyncIterator[None]:
    """Inside, everything that waits for its next try is due a moment later."""

    async def pass_by() -> None:
        conn = await asyncpg.connect(world.stack.database_url)
        try:
            while True:
                await _hurry(conn)
                await asyncio.sleep(STEP_SECONDS)
        finally:
            await conn.close()

    task = asyncio.create_task(pass_by())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _hurry(conn: asyncpg.Connection) -> None:
    for schema in WITH_MAILBOX:
        await conn.execute(
            f"UPDATE {schema}.mailbox SET due_at = now() WHERE due_at > now()"  # noqa: S608
        )
        await conn.execute(f"UPDATE {schema}.pauses SET until = NULL")  # noqa: S608
    await conn.execute("UPDATE ingress.cursors SET due_at = now() WHERE due_at > now()")
    free = "UPDATE contact_sync.imports SET held_until = NULL WHERE state = 'walking'"
    await conn.execute(free)


async def _waiting(conn: asyncpg.Connection) -> dict[str, list[str]]:
    """The reasons for which records wait, by service; those of a paused connection aside."""
    found = {}
    for schema in WITH_MAILBOX:
        rows = await conn.fetch(
            f"SELECT m.side || ' ' || m.record_id || ': ' || m.reason AS text "  # noqa: S608
            f"FROM {schema}.mailbox m LEFT JOIN {schema}.pauses p USING (connection_id) "
            f"WHERE NOT coalesce(p.paused, false) LIMIT 5"
        )
        if rows:
            found[schema] = [row["text"] for row in rows]
    return found


async def audit(world: World, *, strangers: Iterable[str] = ()) -> None:
    """Settles, then checks A0; AssertionError lists everything that is wrong.

    `strangers` are ids of records that rightly stand alone.
    """
    await settle(world)
    found = Findings()
    conn = await asyncpg.connect(world.stack.database_url)
    try:
        await _left_over(found, conn, _restarted.get(world.stack.origin, 0.0))
        await _pairs(found, world, conn, frozenset(strangers))
        await _tasks(found, world, conn)
    finally:
        await conn.close()
    await _dead_letters(found, world)
    assert not found.wrong, "\n".join(found.wrong[:20])


async def _left_over(found: Findings, conn: asyncpg.Connection, leases_since: float) -> None:
    schemas = await conn.fetch(
        "SELECT table_schema FROM information_schema.tables WHERE table_name = 'outbox'"
    )
    for (schema,) in schemas:
        rows = await conn.fetchval(f"SELECT count(*) FROM {schema}.outbox")  # noqa: S608
        found.expect(good=rows == 0, otherwise=f"{rows} events are left in {schema}.outbox")
    for schema in WITH_MAILBOX:
        await _lanes_are_free(found, conn, schema)
        open_entries = await conn.fetch(
            f"SELECT side, operation, hubspot_id, salesforce_id FROM {schema}.journal "  # noqa: S608
            "WHERE status = 'intended'"
        )
        text = f"{schema}: writes whose end nobody noted: {[dict(r) for r in open_entries[:3]]}"
        found.expect(good=not open_entries, otherwise=text)
    await _leases_are_back(found, conn, leases_since)


async def _lanes_are_free(found: Findings, conn: asyncpg.Connection, schema: str) -> None:
    """A served lane is held for milliseconds; one that stays held was forgotten."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    held = True
    while held and time.monotonic() < deadline:
        held = await conn.fetchval(
            f"SELECT count(*) > 0 FROM {schema}.lanes WHERE held_until >= now()"  # noqa: S608
        )
        await asyncio.sleep(LOOK_SECONDS if held else 0)
    found.expect(good=not held, otherwise=f"a lane of {schema} stays held")


async def _leases_are_back(found: Findings, conn: asyncpg.Connection, since: float) -> None:
    """A lease's id tells when it was granted (UUIDv7)."""
    oldest, newest = int(since * 1000), int(time.time() * 1000) - LEASE_AGE_MS
    rows = await conn.fetch(
        "SELECT id, purpose FROM quota.leases WHERE returned_at IS NULL AND expires_at >= now()"
    )
    kept = [row["purpose"] for row in rows if oldest <= row["id"].int >> 80 <= newest]
    found.expect(good=not kept, otherwise=f"leases were not given back: {kept}")


async def _pairs(
    found: Findings, world: World, conn: asyncpg.Connection, strangers: frozenset[str]
) -> None:
    contacts = await world.hubspot.records("contacts")
    people = await _salesforce_people(world)
    links = await conn.fetch("SELECT * FROM contact_sync.links")
    parked = {
        row["record_id"] for row in await conn.fetch("SELECT record_id FROM contact_sync.parked")
    }
    waiting = {
        row["record_id"] for row in await conn.fetch("SELECT record_id FROM contact_sync.mailbox")
    }
    _nobody_twice(found, contacts, people)
    linked = {link[f"{side}_id"] for link in links for side in ("hubspot", "salesforce")}
    excused = linked | parked | waiting | strangers
    for record_id in (*contacts, *people):
        text = f"{record_id} is in no pair, on no list of errors, and does not wait"
        found.expect(good=record_id in excused, otherwise=text)
    settings = await world.admin.get(f"/api/v1/settings/{world.connection_id}")
    for link in links:
        here, there = contacts.get(link["hubspot_id"]), people.get(link["salesforce_id"])
        if here is None or there is None:
            gone = f"a pair has lost a half: {link['hubspot_id']} - {link['salesforce_id']}"
            found.wrong.append(gone)
        elif not {link["hubspot_id"], link["salesforce_id"]} & (parked | waiting):
            _agree(found, link, (here, there), settings["settings"]["mappings"])


async def _salesforce_people(world: World) -> dict[str, Fields]:
    """Contacts and the leads that were not converted."""
    contacts = await world.salesforce.records("Contact")
    leads = await world.salesforce.records("Lead")
    return {
        **{one: {**fields, "of": "Contact"} for one, fields in contacts.items()},
        **{o: {**f, "of": "Lead"} for o, f in leads.items() if not f.get("IsConverted")},
    }


def _nobody_twice(
    found: Findings, contacts: Mapping[str, Fields], people: Mapping[str, Fields]
) -> None:
    named = (
        ("HubSpot's causeway_key", [c.get("causeway_key") for c in contacts.values()]),
        ("HubSpot's email", [c.get("email") for c in contacts.values()]),
        ("Salesforce's Causeway_Key__c", [p.get("Causeway_Key__c") for p in people.values()]),
        ("Salesforce's Email", [p.get("Email") for p in people.values()]),
    )
    for name, values in named:
        counted = Counter(str(value).lower() for value in values if value)
        twice = [value for value, times in counted.items() if times > 1]
        found.expect(good=not twice, otherwise=f"{name} is there twice: {twice[:3]}")


def _agree(
    found: Findings, link: Fields, pair: tuple[Fields, Fields], mappings: Sequence[Fields]
) -> None:
    for mapping in mappings:
        if pair[1]["of"] not in mapping["salesforce_objects"] or mapping["rule"] == "dont_sync":
            continue
        if mapping["value_type"] == "owner":
            continue  # an owner without a counterpart changes nothing
        here = _plain(pair[0].get(mapping["hubspot_property"]), mapping["value_type"])
        there = _plain(pair[1].get(mapping["salesforce_field"]), mapping["value_type"])
        where = f"{link['hubspot_id']} - {link['salesforce_id']}: {mapping['salesforce_field']}"
        text = f"{where} differs: {here!r} - {there!r}"
        found.expect(good=here == there, otherwise=text)


def _plain(value: object, value_type: str) -> str:
    text = "" if value is None else str(value).strip()
    if value_type == "boolean":
        return "true" if text.lower() == "true" else "false"
    if value_type == "number" and text:
        return f"{float(text):g}"
    return text.lower() if value_type == "email" else text


async def _tasks(found: Findings, world: World, conn: asyncpg.Connection) -> None:
    here, there = await world.hubspot.records("tasks"), await world.salesforce.records("Task")
    for link in await conn.fetch("SELECT * FROM activity_sync.task_links"):
        left, right = here.get(link["hubspot_id"]), there.get(link["salesforce_id"])
        if left is None or right is None:
            continue  # a task that one side deleted stays on the other
        same = left.get("hs_task_subject") == right.get("Subject")
        done = left.get("hs_task_status") == "COMPLETED"
        same = same and done == (right.get("Status") == "Completed")
        found.expect(good=same, otherwise=f"the task {right.get('Subject')!r} differs")
    twice = _repeated(task.get("Subject") for task in there.values())
    twice += _repeated(task.get("hs_task_subject") for task in here.values())
    found.expect(good=not twice, otherwise=f"tasks are there twice: {twice}")


def _repeated(subjects: Iterable[object]) -> list[str]:
    """Subjects of these tests that occur twice; they give every task one of its own."""
    counted = Counter(str(subject) for subject in subjects if str(subject).startswith("once "))
    return [subject for subject, times in counted.items() if times > 1]


async def _dead_letters(found: Findings, world: World) -> None:
    """Nothing lies in a queue, least of all among the dead letters."""
    environ = world.stack.environ
    connection = await aio_pika.connect(environ["CAUSEWAY_AMQP_URL"])
    async with connection:
        channel = await connection.channel()
        for subscription in await subscriptions():
            queues = (subscription.queue, subscription.suspect_queue, subscription.dead_queue)
            for queue in queues:
                name = environ["CAUSEWAY_AMQP_NAMESPACE"] + queue
                declared = await channel.declare_queue(name, passive=True)
                count = declared.declaration_result.message_count or 0
                text = f"{count} messages are in the queue {name}"
                found.expect(good=count == 0, otherwise=text)
