"""A card in each topic."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

PLACE = ["execution_id", "chat_id"]


def upgrade() -> None:
    whole_chat = sa.text("thread_id IS NULL")
    op.drop_index("uq_cards_execution_id_chat_id", table_name="cards")
    op.create_index(
        "uq_cards_execution_id_chat_id",
        "cards",
        PLACE,
        unique=True,
        sqlite_where=whole_chat,
        postgresql_where=whole_chat,
    )
    op.create_index("uq_cards_execution_id_chat_id_thread_id", "cards", [*PLACE, "thread_id"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_cards_execution_id_chat_id_thread_id", table_name="cards")
    op.drop_index("uq_cards_execution_id_chat_id", table_name="cards")
    op.execute("DELETE FROM cards WHERE id NOT IN (SELECT min(id) FROM cards GROUP BY execution_id, chat_id)")
    op.create_index("uq_cards_execution_id_chat_id", "cards", PLACE, unique=True)
