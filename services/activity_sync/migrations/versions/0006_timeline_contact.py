"""Events of one contact are looked up for the page inside Salesforce records."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_timeline_contact",
        "timeline",
        ["connection_id", "contact_id", "occurred_at"],
        unique=False,
        schema="activity_sync",
    )


def downgrade() -> None:
    op.drop_index("ix_timeline_contact", table_name="timeline", schema="activity_sync")
