"""Sending can be paused for single stores."""

import sqlalchemy as sa
from alembic import op

import core.db.base

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("stores") as batch:
        batch.add_column(sa.Column("paused_at", core.db.base.Instant(timezone=True), nullable=True))
        batch.add_column(sa.Column("paused_by", sa.String(length=120), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("stores") as batch:
        batch.drop_column("paused_by")
        batch.drop_column("paused_at")
