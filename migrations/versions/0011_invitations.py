"""Invitation links, and when somebody was seen last."""

import sqlalchemy as sa
from alembic import op

import core.db.base

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=False),
        sa.Column("created_at", core.db.base.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", core.db.base.Instant(timezone=True), nullable=False),
        sa.Column("scope", core.db.base.Document, nullable=True),
        sa.Column("used_at", core.db.base.Instant(timezone=True), nullable=True),
        sa.Column("revoked_at", core.db.base.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["invited_by"], ["people.id"], name=op.f("fk_invitations_invited_by_people")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_invitations_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("hash", name=op.f("uq_invitations_hash")),
    )
    op.create_index(op.f("ix_invitations_organisation_id"), "invitations", ["organisation_id"])
    with op.batch_alter_table("people") as batch:
        batch.add_column(sa.Column("last_seen_at", core.db.base.Instant(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("people") as batch:
        batch.drop_column("last_seen_at")
    op.drop_index(op.f("ix_invitations_organisation_id"), "invitations")
    op.drop_table("invitations")
