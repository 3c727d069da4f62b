"""Both mailboxes and both buses behind the same few words."""

from collections.abc import AsyncIterator

import pytest

from shared.db.database import Database
from shared.outbox.mailbox import Mailbox
from tests.contracts.plumbing.mailboxes import TABLES, InMemory, Offices, OnPostgres
from tests.fakes.clock import FixedClock
from tests.fakes.mailbox import FakeMailbox


@pytest.fixture
async def postgres_office(database_url: str) -> AsyncIterator[OnPostgres]:
    database = Database.connect(database_url, application="test")
    office = OnPostgres(database, Mailbox(TABLES))
    await office.clear()
    yield office
    await database.close()


@pytest.fixture(params=["memory", "postgres"])
def office(request: pytest.FixtureRequest, clock: FixedClock) -> Offices:
    if request.param == "memory":
        return InMemory(FakeMailbox(clock), clock)
    found: OnPostgres = request.getfixturevalue("postgres_office")
    return found
