"""Links and parked records of several types: HubSpot gives a contact and a company the same id.

The two unique keys gain the type. A worker of the version before cannot store links or parked
records from then on (it names the keys without the type); what it has claimed is done again by
the new one, so nothing is lost while both run. `members` are contacts that wait for their company.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "contact_sync"
PARKED = ("side", "record_id", "code", "field")


def upgrade() -> None:
    for table in ("links", "parked"):
        op.add_column(
            table,
            sa.Column(
                "object_type", sa.Text(), server_default=sa.text("'contact'"), nullable=False
            ),
            schema=SCHEMA,
        )
    _swap("links", ("hubspot_id",), ("object_type", "hubspot_id"))
    _swap("parked", PARKED, ("object_type", *PARKED))
    op.create_table(
        "members",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "connection_id", "side", "company_id", "contact_id", name=op.f("pk_members")
        ),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("members", schema=SCHEMA)
    for table in ("links", "parked"):
        rows = sa.table(table, sa.column("object_type"), schema=SCHEMA)
        op.execute(sa.delete(rows).where(rows.c.object_type != "contact"))
    _swap("parked", ("object_type", *PARKED), PARKED)
    _swap("links", ("object_type", "hubspot_id"), ("hubspot_id",))
    for table in ("links", "parked"):
        op.drop_column(table, "object_type", schema=SCHEMA)


def _swap(table: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    op.drop_constraint(_name(table, before), table, schema=SCHEMA, type_="unique")
    op.create_unique_constraint(
        _name(table, after), table, ["connection_id", *after], schema=SCHEMA
    )


def _name(table: str, columns: tuple[str, ...]) -> str:
    return op.f("_".join(("uq", table, "connection_id", *columns)))
