"""What the tests of deploy/local look at: processes, ports, and servers that really answer."""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aio_pika
import asyncpg

from deploy.local.probe import amqp_answers, postgres_answers
from deploy.local.process import mark_of, wait_until
from shared.messaging.topology import SETTLE_SECONDS

GONE_SECONDS = 5.0  # helpers of the Erlang machine end by themselves, a moment after it


def environ_without_urls() -> dict[str, str]:
    """This process's environment, as if nobody had given servers."""
    return {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "AMQP_URL"}}


def recorded(root: Path) -> list[int]:
    """The process ids that the instances of this checkout have on record."""
    records = root.glob(".local/*/*.pid")
    return sorted(json.loads(record.read_text())["pid"] for record in records)


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if mark_of(pid) is not None]


def nothing_runs_in(root: Path) -> bool:
    """Whether, in a moment, no process has its working directory under this folder."""
    return wait_until(lambda: not list(_running_in(root)), GONE_SECONDS)


def _running_in(root: Path) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            where = (process / "cwd").readlink()
        except OSError:
            continue  # gone, or another user's
        if where.is_relative_to(root):
            yield int(process.name)


def answers(url: str) -> bool:
    parts = urlsplit(url)
    assert parts.port is not None
    probe = amqp_answers if parts.scheme == "amqp" else postgres_answers
    return probe(parts.port)


async def query(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def publish(url: str, body: bytes) -> None:
    """Returns when a crash cannot take the new queue along (facts: engineering 0)."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("kept", durable=True)
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, queue.name)
    await asyncio.sleep(SETTLE_SECONDS)


async def waiting(url: str) -> bytes:
    """The message that waits in the queue; it stays there."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("kept", durable=True)
        message = await queue.get(no_ack=False)
        await message.nack(requeue=True)
        return message.body
