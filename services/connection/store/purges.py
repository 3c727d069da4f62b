"""How everything of a connection is deleted; events about it still go out."""

from services.connection.store.tables import OUTBOX, PURGED, connections
from shared.db.purge import Purges

PURGES = Purges(PURGED, own=connections.c.id, kept=(OUTBOX,))
