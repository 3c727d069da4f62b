"""How everything of a tenant is deleted."""

from services.package_watcher.store.tables import TABLES
from shared.db.purge import Purges

PURGES = Purges(TABLES.purges)
