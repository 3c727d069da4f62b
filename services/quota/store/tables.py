"""The tables of quota."""

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.purge import Purges, purges_table
from shared.db.schema import metadata_for
from shared.outbox.tables import inbox_table, outbox_table

metadata = metadata_for("quota")

# One row holds the whole of a budget, its hours and its open leases included, so that one row
# lock and two statements decide a lease. It stays small: 26 hours, and at most a cap of leases.
budgets = Table(
    "budgets",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("side", Text, primary_key=True),
    Column("setting", Integer),
    Column("settings_version", Integer, nullable=False, server_default=text("0")),
    Column("reported_used", Integer),
    Column("reported_limit", Integer),
    Column("reported_at", DateTime(timezone=True)),
    Column("since_report", Integer, nullable=False, server_default=text("0")),
    Column("exhausted_until", DateTime(timezone=True)),
    Column("mark", Integer, nullable=False, server_default=text("0")),
    Column("hours", JSONB, nullable=False, server_default=text("'{}'")),
    Column("held", JSONB, nullable=False, server_default=text("'[]'")),
    Column("removed", Boolean, nullable=False, server_default=text("false")),
    Column("heard", Text, nullable=False, server_default=text("''")),
)
Index(
    "ix_budgets_exhausted_until",
    budgets.c.exhausted_until,
    postgresql_where=budgets.c.exhausted_until.is_not(None),
)

leases = Table(
    "leases",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("connection_id", Uuid, nullable=False, index=True),
    Column("side", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("hour", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("returned_at", DateTime(timezone=True)),
)

OUTBOX = outbox_table(metadata)
INBOX = inbox_table(metadata)
PURGES = Purges(purges_table(metadata))
