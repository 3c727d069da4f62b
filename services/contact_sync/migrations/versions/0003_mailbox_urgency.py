"""Due rows are found by priority first; a look-up by key no longer takes that index."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_mailbox_urgency",
        "mailbox",
        ["priority", "connection_id", "lane", "due_at"],
        unique=False,
        schema="contact_sync",
    )
    op.drop_index("ix_mailbox_due", table_name="mailbox", schema="contact_sync")


def downgrade() -> None:
    op.create_index(
        "ix_mailbox_due",
        "mailbox",
        ["connection_id", "lane", "priority", "due_at"],
        unique=False,
        schema="contact_sync",
    )
    op.drop_index("ix_mailbox_urgency", table_name="mailbox", schema="contact_sync")
