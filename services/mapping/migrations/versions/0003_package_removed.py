"""A sync that waits for its package, and the latest news of that package."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "setups",
        sa.Column(
            "paused_for_package", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        schema="mapping",
    )
    op.add_column(
        "setups",
        sa.Column("package_heard", sa.Text(), server_default=sa.text("''"), nullable=False),
        schema="mapping",
    )


def downgrade() -> None:
    op.drop_column("setups", "package_heard", schema="mapping")
    op.drop_column("setups", "paused_for_package", schema="mapping")
