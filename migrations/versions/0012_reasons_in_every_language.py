"""Why a message could not be delivered is kept as a text with its parameters, not in English."""

import json

import sqlalchemy as sa
from alembic import op

import core.db.base

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    reasons = _reasons()
    with op.batch_alter_table("outbox") as batch:
        batch.drop_column("reason")
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("reason", core.db.base.Document, nullable=True))
    for number, reason in reasons:
        said = {"message": "{words}", "params": {"words": reason}} if "{" in reason else {"message": reason}
        _put(number, said, core.db.base.Document)


def downgrade() -> None:
    reasons = [(number, json.loads(said) if isinstance(said, str) else said) for number, said in _reasons()]
    with op.batch_alter_table("outbox") as batch:
        batch.drop_column("reason")
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("reason", sa.String(length=250), nullable=True))
    for number, said in reasons:
        _put(number, str(said["message"])[:250], sa.String())


def _reasons() -> list[tuple[int, str]]:
    table = sa.table("outbox", sa.column("id"), sa.column("reason"))
    found = op.get_bind().execute(sa.select(table.c.id, table.c.reason).where(table.c.reason.is_not(None)))
    return [(number, reason) for number, reason in found]


def _put(number: int, value: object, kind: sa.types.TypeEngine[object]) -> None:
    table = sa.table("outbox", sa.column("id"), sa.column("reason", kind))
    op.get_bind().execute(sa.update(table).where(table.c.id == number).values(reason=value))
