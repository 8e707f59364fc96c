"""Lists say where they were verified, and steps where they sent theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("steps") as batch:
        batch.add_column(sa.Column("sent_account", sa.String(40), nullable=True))
        batch.add_column(sa.Column("sent_registration", sa.String(32), nullable=True))
    with op.batch_alter_table("verified_lists") as batch:
        batch.add_column(sa.Column("account", sa.String(40), nullable=True))
        batch.add_column(sa.Column("registration", sa.String(32), nullable=True))
        batch.add_column(sa.Column("unit", sa.String(32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("verified_lists") as batch:
        for name in ("account", "registration", "unit"):
            batch.drop_column(name)
    with op.batch_alter_table("steps") as batch:
        for name in ("sent_account", "sent_registration"):
            batch.drop_column(name)
