"""People who are limited by tag."""

import sqlalchemy as sa
from alembic import op

import core.db.base

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("people") as batch:
        batch.add_column(sa.Column("store_tags", core.db.base.Document, server_default="[]", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("people") as batch:
        batch.drop_column("store_tags")
