"""Where a connection stands, with the stamp of the latest event of each topic."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KNOWN_SO_FAR = """
    UPDATE contact_sync.connections SET standing = jsonb_build_object(
        'running', running,
        'broken', to_jsonb(array_remove(ARRAY[
            CASE WHEN waiting_for LIKE '%hubspot%' THEN 'hubspot' END,
            CASE WHEN waiting_for LIKE '%salesforce%' THEN 'salesforce' END
        ], NULL))
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
        schema="contact_sync",
    )
    op.execute(KNOWN_SO_FAR)
