"""I7 on Postgres: the machine of tests/property/plumbing, with transactions that are lost."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test
from sqlalchemy import delete

from shared.db.database import Database
from shared.outbox.mail import LaneLostError, Mail
from shared.outbox.mailbox import Mailbox
from tests.contracts.plumbing.mailboxes import TABLES, OnPostgres
from tests.property.plumbing.mailbox_machine import (
    LASTING,
    NEWS,
    NUMBERS,
    MailboxMachine,
    News,
    Run,
)

THOROUGH = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


class ProcessDiedError(Exception):
    """The end of a process before its commit."""


class MailboxOnPostgres(MailboxMachine):
    """Here a call is part of a transaction, and the process may end before the commit."""

    office: OnPostgres

    def __init__(self, office: OnPostgres, run: Run) -> None:
        super().__init__(office, run)
        run(self._empty())

    async def _empty(self) -> None:
        async with self.office.database.begin() as conn:
            for table in (TABLES.mailbox, TABLES.lanes, TABLES.pauses):
                await conn.execute(delete(table))

    @precondition(lambda self: self.lanes)
    @rule(which=NUMBERS, minutes=LASTING)
    def extend_alone(self, which: int, minutes: int) -> None:
        lane = self.lane(which)
        try:
            self.run(self._extend(which, minutes))
        except LaneLostError:
            assert not self.ledger.owns(lane)
            self.lanes.remove(lane)
        else:
            self.ledger.claimed(lane, [], limit=0, minutes=minutes)

    async def _extend(self, which: int, minutes: int) -> None:
        async with self.office.database.begin() as conn:
            lease = timedelta(minutes=minutes)
            await self.office.mailbox.extend_lane(conn, self.lane(which), lease=lease)

    @rule(news=st.lists(NEWS, min_size=1, max_size=3))
    def die_before_news_are_committed(self, news: list[News]) -> None:
        notes = self.notes(news)
        self.run(self._lose(lambda mail: mail.note(notes)))

    @rule(minutes=LASTING)
    def die_before_a_lane_is_committed(self, minutes: int) -> None:
        lease = timedelta(minutes=minutes)
        self.run(self._lose(lambda mail: mail.claim_lane(holder=UUID(int=0), lease=lease)))

    @precondition(lambda self: self.batches)
    @rule(which=NUMBERS, settles=st.booleans())
    def die_before_work_is_committed(self, which: int, *, settles: bool) -> None:
        _, batch = self.batches[-1 - which % len(self.batches)]
        rows = list(batch.rows.values())
        wait: dict[str, Any] = {"due_in": timedelta(hours=1), "reason": "", "count_attempt": True}
        self.run(
            self._lose(
                lambda mail: mail.settle(rows) if settles else mail.postpone(rows, **wait),
            ),
        )

    async def _lose(self, work: Callable[[Mail], Awaitable[object]]) -> None:
        with suppress(ProcessDiedError):
            async with self.office.begin() as mail:
                await work(mail)
                raise ProcessDiedError


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as opened:
        yield opened


@pytest.fixture
def office(runner: asyncio.Runner, database_url: str) -> Iterator[OnPostgres]:
    database = Database.connect(database_url, application="test", pool_size=1)
    opened = OnPostgres(database, Mailbox(TABLES))
    runner.run(opened.clear())
    yield opened
    runner.run(database.close())


def test_i7_any_interleaving_ends_with_every_change_handled(
    runner: asyncio.Runner, office: OnPostgres
) -> None:
    async def finished(work: Awaitable[Any]) -> Any:
        return await work

    class Here(MailboxOnPostgres):
        def __init__(self) -> None:
            super().__init__(office, lambda work: runner.run(finished(work)))

    run_state_machine_as_test(Here, settings=THOROUGH)
