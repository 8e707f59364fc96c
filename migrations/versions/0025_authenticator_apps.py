"""Authenticator apps: what somebody confirms with is a PIN, or the key of an app."""

import sqlalchemy as sa
from alembic import op

import core.db.base

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "confirmations",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("secret", sa.String(length=200), nullable=False),
        sa.Column("set_at", core.db.base.Instant(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", core.db.base.Instant(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_confirmations_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_confirmations")),
    )
    op.execute(
        "INSERT INTO confirmations (person_id, way, secret, set_at, failures, paused_until)"
        " SELECT person_id, 'pin', hash, set_at, failures, paused_until FROM pins"
    )
    op.drop_table("pins")


def downgrade() -> None:
    """Keep the PINs. Whoever had an app sets a PIN."""
    op.create_table(
        "pins",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", core.db.base.Instant(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", core.db.base.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_pins_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_pins")),
    )
    op.execute(
        "INSERT INTO pins (person_id, hash, set_at, failures, paused_until)"
        " SELECT person_id, secret, set_at, failures, paused_until FROM confirmations WHERE way = 'pin'"
    )
    op.drop_table("confirmations")
