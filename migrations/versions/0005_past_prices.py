"""Last verified prices of products that left a store's list."""

import sqlalchemy as sa
from alembic import op

import core.db.base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "past_prices",
        sa.Column("store_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("final", core.db.base.Money(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_past_prices_store_id_stores")),
        sa.PrimaryKeyConstraint("store_id", "code", name=op.f("pk_past_prices")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("past_prices")
