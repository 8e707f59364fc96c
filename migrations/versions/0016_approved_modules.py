"""Modules from folders that an owner approved, by the hash of their files."""

import sqlalchemy as sa
from alembic import op

import core.db.base

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approved_modules",
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("approved_by", sa.String(120), nullable=False),
        sa.Column("approved_at", core.db.base.Instant(timezone=True), nullable=False),
        sa.Column("noticed", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_approved_modules_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_approved_modules")),
    )


def downgrade() -> None:
    op.drop_table("approved_modules")
