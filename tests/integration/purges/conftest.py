"""All schemas in one database, made by their migrations."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Column, Table

from services.activity_sync.store.purges import PURGES as ACTIVITIES
from services.connection.store.purges import PURGES as CONNECTIONS
from services.contact_sync.store.purges import PURGES as CONTACTS
from services.ingress.store.purges import PURGES as DOORS
from services.mapping.store.field_tables import refreshes
from services.mapping.store.purges import PURGES as SETUPS
from services.package_watcher.store.purges import PURGES as PACKAGES
from services.package_watcher.store.window_tables import windows
from services.quota.store import PURGES as BUDGETS
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.db.provision import provision
from shared.db.purge import Purges
from shared.runtime.purging import Purging

ALL = {
    "activity_sync": ACTIVITIES,
    "connection": CONNECTIONS,
    "contact_sync": CONTACTS,
    "ingress": DOORS,
    "mapping": SETUPS,
    "package_watcher": PACKAGES,
    "quota": BUDGETS,
}
DECLARED_ELSEWHERE = (refreshes, windows)
"""Tables that are part of a schema once their module is imported, as the stores do."""


@dataclass(frozen=True)
class Tenancy:
    """One service's schema, and how its tenants are purged."""

    name: str
    database: Database
    purges: Purges

    @property
    def tables(self) -> list[Table]:
        """The tables with tenants' rows, those that others refer to first."""
        return [column.table for column in reversed(self.purges.owned)]

    @property
    def own(self) -> Column[object] | None:
        return self.purges.owned[-1] if self.purges.owned[-1].name == "id" else None

    async def work_off(self) -> None:
        """Until nothing is due."""
        purging = Purging(self.name, self.database, self.purges, ())
        while await purging.some():
            pass


@pytest.fixture(scope="module")
def urls(admin_url: str, database_name: str) -> dict[str, str]:
    made = provision(admin_url, database=database_name, passwords=dict.fromkeys(ALL, "p"))
    for name, url in made.items():
        upgrade(name, url)
    return made


@pytest.fixture
async def tenancies(urls: dict[str, str]) -> AsyncIterator[list[Tenancy]]:
    opened = [
        Tenancy(name, Database.connect(urls[name], application="test"), purges)
        for name, purges in ALL.items()
    ]
    yield opened
    for one in opened:
        await one.database.close()


@pytest.fixture
async def admin(
    admin_url: str, database_name: str, urls: dict[str, str]
) -> AsyncIterator[Database]:
    """Somebody who sees every schema."""
    assert urls
    base, _, _ = admin_url.rpartition("/")
    opened = Database.connect(f"{base}/{database_name}", application="test")
    yield opened
    await opened.close()
