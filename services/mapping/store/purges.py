"""How everything of a tenant is deleted, its versions of the settings included."""

from services.mapping.store.tables import TABLES
from shared.db.purge import Purges

PURGES = Purges(TABLES.purges)
