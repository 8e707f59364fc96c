"""What a run found at each store."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "findings",
        sa.Column("execution_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("store_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scan", sa.LargeBinary(), nullable=True),
        sa.Column("seen", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["execution_id"], ["executions.id"], name=op.f("fk_findings_execution_id_executions")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_findings_store_id_stores")),
        sa.PrimaryKeyConstraint("execution_id", "store_id", name=op.f("pk_findings")),
    )


def downgrade() -> None:
    op.drop_table("findings")
