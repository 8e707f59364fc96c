"""Looking up what a tapped button means."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.chat.model import Button
from core.db.database import Database
from core.outbox.model import Card, Message


@dataclass(frozen=True, slots=True)
class Found:
    """A button, and the id that its message has in the chat (None: not known to have arrived)."""

    button: Button
    message_id: int | None


class FindButton:
    """Find the button behind an opaque id; whether this tap counts is for the caller to check."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, button_id: str) -> Found | None:
        def find(session: Session) -> Found | None:
            button = session.get(Button, button_id)
            return None if button is None else Found(button, _message_id(session, button.message_key))

        return await self._database.read(find)


def _message_id(session: Session, key: str) -> int | None:
    kind, _, number = key.partition(":")
    table = Card if kind == "card" else Message
    found: int | None = session.scalar(select(table.message_id).where(table.id == int(number)))
    return found
