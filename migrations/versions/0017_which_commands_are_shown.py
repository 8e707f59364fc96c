"""Which lists of commands are shown is remembered, so that they are set only when they differ."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "command_lists",
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_command_lists")),
    )


def downgrade() -> None:
    op.drop_table("command_lists")
