"""Looking up what a tapped button means."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from core.chat.model import Button
from core.db.base import entity_of, table_of
from core.db.database import Database
from core.db.prepared import Prepared
from core.outbox.model import Card, Message

_buttons = table_of(Button).c
_BUTTON = Prepared(select(*_buttons).where(_buttons.id == bindparam("one")))
_CARD = Prepared(select(Card.message_id).where(Card.id == bindparam("one")))
_MESSAGE = Prepared(select(Message.message_id).where(Message.id == bindparam("one")))


@dataclass(frozen=True, slots=True)
class Found:
    """A button, and the id that its message has in the chat (None: not known to have arrived)."""

    button: Button
    message_id: int | None


class FindButton:
    """Find the button behind an opaque id, for reading only; whether this tap counts is for the caller to check."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, button_id: str) -> Found | None:
        return await self._database.glance(lambda session: _find(session.connection(), button_id))


def _find(connection: Connection, button_id: str) -> Found | None:
    for row in _BUTTON.rows(connection, one=button_id):
        button = entity_of(Button, row)
        kind, _, number = button.message_key.partition(":")
        shown = (_CARD if kind == "card" else _MESSAGE).rows(connection, one=int(number))
        return Found(button, shown[0].message_id if shown else None)
    return None
