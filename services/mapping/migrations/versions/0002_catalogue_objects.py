"""Catalogues of every object, one packed row each. `catalogues` stays for the code before."""

import json
import zlib

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    made = op.create_table(
        "catalogue_objects",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("object_name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column(
            "read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint(
            "connection_id", "side", "object_name", name=op.f("pk_catalogue_objects")
        ),
        schema="mapping",
    )
    connection = op.get_bind()
    query = "SELECT connection_id, hubspot, salesforce, read_at FROM mapping.catalogues"
    for row in connection.execute(sa.text(query)).mappings().all():
        packed = [("hubspot", "contact", row["hubspot"])]
        packed += [("salesforce", name, fields) for name, fields in row["salesforce"].items()]
        for side, name, fields in packed:
            content = zlib.compress(json.dumps({"fields": fields}).encode(), 1)
            connection.execute(
                made.insert().values(
                    connection_id=row["connection_id"],
                    side=side,
                    object_name=name,
                    content=content,
                    read_at=row["read_at"],
                )
            )


def downgrade() -> None:
    op.drop_table("catalogue_objects", schema="mapping")
