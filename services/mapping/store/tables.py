"""The tables of the mapping service."""

from dataclasses import dataclass

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.purge import purges_table
from shared.db.schema import metadata_for
from shared.outbox.tables import inbox_table, outbox_table

metadata = metadata_for("mapping")

setups = Table(
    "setups",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("connected", Boolean, nullable=False),
    Column("org_id", Text, nullable=False),
    Column("broken", Text, nullable=False),
    Column("package", Text, nullable=False),
    Column("package_problem", Text, nullable=False),
    Column("visualforce", Text, nullable=False),
    Column("sync", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("published", Integer, nullable=False),
    Column("paused_for_package", Boolean, nullable=False, server_default=text("false")),
    Column("package_heard", Text, nullable=False, server_default=text("''")),
    Column("drafting", Boolean, nullable=False, server_default=text("false")),
    Column("draft_revision", Integer, nullable=False, server_default=text("0")),
    Column("connection_heard", Text, nullable=False, server_default=text("''")),
)

drafts = Table(
    "drafts",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("settings", JSONB, nullable=False),
    Column("base_version", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("settings", JSONB, nullable=False),
    Column("author", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
)

catalogues = Table(
    "catalogues",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("hubspot", JSONB, nullable=False),
    Column("salesforce", JSONB, nullable=False),
    Column("read_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""What the code of before 0002 reads; nothing writes it any more. To be dropped in a release."""

catalogue_objects = Table(
    "catalogue_objects",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("side", Text, primary_key=True),
    Column("object_name", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("read_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that shared mechanisms work on."""

    outbox: Table
    inbox: Table
    purges: Table


TABLES = Tables(
    outbox=outbox_table(metadata),
    inbox=inbox_table(metadata),
    purges=purges_table(metadata),
)
