"""Where a move goes, who the HubSpot user is, what is untold, and the latest pre-flights.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "connection"


def upgrade() -> None:
    json = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("connections", sa.Column("hubspot_user_id", sa.Text()), schema=SCHEMA)
    untold = sa.Column("untold", sa.Text(), server_default=sa.text("''"), nullable=False)
    op.add_column("connections", untold, schema=SCHEMA)
    op.create_index("ix_connections_org_id", "connections", ["org_id"], schema=SCHEMA)
    account = sa.Column("account_id", sa.Text(), server_default=sa.text("''"), nullable=False)
    op.add_column("grants", account, schema=SCHEMA)
    op.add_column("attempts", sa.Column("target", json), schema=SCHEMA)
    op.create_table(
        "preflights",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("features", json, nullable=False),
        sa.Column("items", json, nullable=False),
        sa.Column("users", json, nullable=False),
        sa.Column("lost", json, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.connections.id"],
            name=op.f("fk_preflights_connection_id_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_preflights")),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("preflights", schema=SCHEMA)
    op.drop_column("attempts", "target", schema=SCHEMA)
    op.drop_column("grants", "account_id", schema=SCHEMA)
    op.drop_index("ix_connections_org_id", table_name="connections", schema=SCHEMA)
    op.drop_column("connections", "untold", schema=SCHEMA)
    op.drop_column("connections", "hubspot_user_id", schema=SCHEMA)
