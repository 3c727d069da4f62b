"""How long quota keeps what is no longer needed."""

from datetime import timedelta

from services.quota.store.tables import leases
from shared.db.retention import Retention

# A holder that was cut off tries its return again for far less than this; later its lease is
# history and everything on it counts as used.
KEEP_EXPIRED_LEASES = timedelta(hours=1)

LEASES = Retention(leases, KEEP_EXPIRED_LEASES, lambda moment: leases.c.expires_at < moment)
