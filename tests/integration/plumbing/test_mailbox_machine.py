"""I7 on Postgres: the machine of tests/property/plumbing, with transactions that are lost."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test
from sqlalchemy import delete

from shared.db.database import Database
from shared.outbox.mail import Claimed, Lane, LaneLostError, Mail
from shared.outbox.mailbox import Mailbox
from tests.contracts.plumbing.mailboxes import TABLES, OnPostgres
from tests.property.plumbing.mailbox_machine import (
    LASTING,
    NEWS,
    NUMBERS,
    MailboxMachine,
    News,
)
from tests.property.plumbing.running import ON_SERVERS, Run, loop_of_its_own, one_of

pytestmark = pytest.mark.timeout(600)  # a failure is made small, which takes its time


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

    @rule(which=NUMBERS, minutes=LASTING)
    def extend_alone(self, which: int, minutes: int) -> None:
        for lane in one_of(self.lanes, which):
            try:
                self.run(self._extend(lane, minutes))
            except LaneLostError:
                assert not self.ledger.owns(lane)
                self.lanes.remove(lane)
            else:
                self.ledger.claimed(lane, [], limit=0, minutes=minutes)

    async def _extend(self, lane: Lane, minutes: int) -> None:
        async with self.office.database.begin() as conn:
            lease = timedelta(minutes=minutes)
            await self.office.mailbox.extend_lane(conn, lane, lease=lease)

    @rule(news=st.lists(NEWS, min_size=1, max_size=3))
    def die_before_news_are_committed(self, news: list[News]) -> None:
        notes = self.notes(news)
        self.run(self._lose(lambda mail: mail.note(notes)))

    @rule(minutes=LASTING)
    def die_before_a_lane_is_committed(self, minutes: int) -> None:
        lease = timedelta(minutes=minutes)
        self.run(self._lose(lambda mail: mail.claim_lane(holder=UUID(int=0), lease=lease)))

    @rule(which=NUMBERS, settles=st.booleans())
    def die_before_work_is_committed(self, which: int, *, settles: bool) -> None:
        for _, batch in one_of(self.batches, which):
            rows = list(batch.rows.values())
            self.run(self._lose(partial(self._work, rows=rows, settles=settles)))

    async def _work(self, mail: Mail, *, rows: list[Claimed], settles: bool) -> None:
        if settles:
            await mail.settle(rows)
        else:
            wait = timedelta(hours=1)
            await mail.postpone(rows, due_in=wait, reason="locked", count_attempt=True)

    async def _lose(self, work: Callable[[Mail], Awaitable[object]]) -> None:
        with suppress(ProcessDiedError):
            async with self.office.begin() as mail:
                await work(mail)
                raise ProcessDiedError


@pytest.fixture
def run() -> Iterator[Run]:
    with loop_of_its_own() as opened:
        yield opened


@pytest.fixture
def office(run: Run, database_url: str) -> Iterator[OnPostgres]:
    database = Database.connect(database_url, application="test", pool_size=1)
    opened = OnPostgres(database, Mailbox(TABLES))
    run(opened.clear())
    yield opened
    run(database.close())


def test_i7_any_interleaving_ends_with_every_change_handled(run: Run, office: OnPostgres) -> None:
    class Here(MailboxOnPostgres):
        def __init__(self) -> None:
            super().__init__(office, run)

    run_state_machine_as_test(Here, settings=ON_SERVERS)
