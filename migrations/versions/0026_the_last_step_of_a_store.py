"""The last step of a store is found without sorting all that it ever had."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_steps_store_id_execution_id", "steps", ["store_id", "execution_id"])
    op.drop_index("ix_steps_store_id", "steps")


def downgrade() -> None:
    op.create_index("ix_steps_store_id", "steps", ["store_id"])
    op.drop_index("ix_steps_store_id_execution_id", "steps")
