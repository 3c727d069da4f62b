"""The tables of `plumber`: a state that goes with each event, and what came of the event."""

from sqlalchemy import Column, Float, Table, Text

from shared.db.schema import metadata_for
from shared.outbox.mailbox_tables import mailbox_tables
from shared.outbox.tables import inbox_table, outbox_table

SCHEMA = "plumber"
METADATA = metadata_for(SCHEMA)
OUTBOX = outbox_table(METADATA)
INBOX = inbox_table(METADATA)
MAILBOX = mailbox_tables(METADATA)
STATES = Table("states", METADATA, Column("subject", Text, primary_key=True))
"""What was decided; one event tells of each."""

EFFECTS = Table("effects", METADATA, Column("subject", Text, nullable=False))
"""What a consumer did for an event. No key, so that a second effect is seen."""

DRAINED = Table(
    "drained",
    METADATA,
    Column("subject", Text, nullable=False),
    Column("waited", Float, nullable=False),
)
"""What a drain settled, and how many seconds it had waited; no key either."""
