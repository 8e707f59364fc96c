"""Opening times by weekday and holiday: a time, or a mapping."""

import sqlalchemy as sa
from alembic import op

import core.db.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_DEFAULT = sa.text("'\"06:00\"'")


def upgrade() -> None:
    op.add_column("stores", sa.Column("opening_by_day", core.db.base.Document, nullable=False, server_default=_DEFAULT))
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute("UPDATE stores SET opening_by_day = " + ("json_quote(opening)" if sqlite else "to_jsonb(opening)"))
    op.execute("ALTER TABLE stores DROP COLUMN opening")
    op.execute("ALTER TABLE stores RENAME COLUMN opening_by_day TO opening")


def downgrade() -> None:
    """Keep each store's usual time."""
    op.add_column("stores", sa.Column("usual", sa.String(length=5), nullable=False, server_default="06:00"))
    usual = (
        "COALESCE(json_extract(opening, '$.default'), json_extract(opening, '$'))"
        if op.get_bind().dialect.name == "sqlite"
        else "COALESCE(opening ->> 'default', opening #>> '{}')"
    )
    op.execute(f"UPDATE stores SET usual = {usual}")
    op.execute("ALTER TABLE stores DROP COLUMN opening")
    op.execute("ALTER TABLE stores RENAME COLUMN usual TO opening")
