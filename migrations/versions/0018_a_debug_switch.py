"""A debug switch that turns itself off."""

import sqlalchemy as sa
from alembic import op

import core.db.base

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisations") as batch:
        batch.add_column(sa.Column("debug_until", core.db.base.Instant(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("organisations") as batch:
        batch.drop_column("debug_until")
