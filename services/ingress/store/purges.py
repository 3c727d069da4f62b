"""How everything of a tenant is deleted; raw deliveries name no connection and go by their age."""

from services.ingress.store.tables import TABLES, connections
from shared.db.purge import Purges

PURGES = Purges(TABLES.purges, own=connections.c.id)
