"""How long ingress keeps what is no longer needed."""

from datetime import timedelta

from sqlalchemy import and_

from services.ingress.store.tables import deliveries
from shared.db.retention import Retention

KEEP_DELIVERIES = timedelta(days=7)
"""Raw bodies are the evidence for "HubSpot never told us"; they hold personal data, so a week."""

# What was not split yet stays, however old it is.
DELIVERIES = Retention(
    deliveries,
    KEEP_DELIVERIES,
    lambda moment: and_(deliveries.c.received_at < moment, deliveries.c.split_at.is_not(None)),
)
