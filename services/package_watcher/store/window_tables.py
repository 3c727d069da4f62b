"""The table of the work on the in-record window: one row an order."""

from sqlalchemy import Boolean, Column, DateTime, Float, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.package_watcher.store.tables import metadata

windows = Table(
    "windows",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("connection_id", Uuid, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("action", Text, nullable=False),
    Column("layouts", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("deadline", DateTime(timezone=True), nullable=False),
    Column("request_id", Text, nullable=False),
    Column("starts", Integer, nullable=False),
    Column("quiet_looks", Integer, nullable=False),
    Column("said", Text, nullable=False),
    Column("failures", JSONB, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("wait", Float),
    Column("due_at", DateTime(timezone=True)),
    Column("token", Uuid),
    Column("held_until", DateTime(timezone=True)),
)
Index(
    "uq_windows_current",
    windows.c.connection_id,
    unique=True,
    postgresql_where=windows.c.current,
)
Index(
    "ix_windows_due",
    windows.c.due_at,
    postgresql_where=windows.c.due_at.is_not(None),
)
