"""A channel has its language, its quiet hours and words of its own."""

import sqlalchemy as sa
from alembic import op

import core.db.base

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("channels") as batch:
        batch.add_column(sa.Column("locale", sa.String(length=8), nullable=True))
        batch.add_column(sa.Column("quiet_hours", sa.String(length=11), nullable=True))
        batch.add_column(sa.Column("templates", core.db.base.Document, server_default="{}", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("channels") as batch:
        batch.drop_column("templates")
        batch.drop_column("quiet_hours")
        batch.drop_column("locale")
