"""Where a connection stands, with the stamp of the latest event of each topic."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KNOWN_SO_FAR = """
    UPDATE ingress.connections SET standing = jsonb_build_object(
        'running', running,
        'broken', CASE WHEN broken THEN '["hubspot"]'::jsonb ELSE '[]'::jsonb END
    )
"""


def upgrade() -> None:
    op.add_column(
        "connections",
        sa.Column(
            "standing",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        schema="ingress",
    )
    op.execute(KNOWN_SO_FAR)
