"""What a run did that is about no store: the rows and bytes that a cleanup removed."""

import sqlalchemy as sa
from alembic import op

import core.db.base

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("executions") as batch:
        batch.add_column(sa.Column("counts", core.db.base.Document, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("executions") as batch:
        batch.drop_column("counts")
