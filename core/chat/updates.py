"""Handling every update once, although the messenger may bring it twice (X-9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from core.chat.model import Button, DialogState, HandledUpdate
from core.clock import Clock
from core.db.database import Database
from core.notices.channels import ChatRef
from core.outbox.content import Draft
from core.outbox.model import Message, OutboxFile
from core.outbox.writing import Outbox

UPDATES_KEPT = timedelta(days=3)
DIALOGS_KEPT = timedelta(days=7)
BUTTONS_KEPT = timedelta(days=90)
FILES_KEPT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Reply:
    """A message that answers an update."""

    organisation_id: int | None
    chat: ChatRef
    draft: Draft


class Updates:
    """Remembers handled updates. Their answers are written in the same transaction.

    So a crash leaves either both or nothing, and what the update caused is safe to repeat
    because it goes by the update's id.
    """

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox

    async def known(self, update_id: int) -> bool:
        async with self._database.reading() as session:
            return await session.get(HandledUpdate, update_id) is not None

    async def finish(self, update_id: int, replies: Sequence[Reply]) -> None:
        """Write the answers and the fact that the update was handled."""
        async with self._database.writing() as session:
            if await session.get(HandledUpdate, update_id) is not None:
                return
            session.add(HandledUpdate(update_id=update_id, handled_at=self._clock.now()))
            for number, reply in enumerate(replies):
                key = f"tg:{update_id}:{number}"
                await self._outbox.say(session, reply.organisation_id, reply.chat, reply.draft, key=key)

    async def sweep(self) -> None:
        """Forget updates, half-filled forms, buttons and undelivered files that are too old to matter."""
        now = self._clock.now()
        async with self._database.writing() as session:
            await session.execute(delete(HandledUpdate).where(HandledUpdate.handled_at < now - UPDATES_KEPT))
            await session.execute(delete(DialogState).where(DialogState.updated_at < now - DIALOGS_KEPT))
            await session.execute(delete(Button).where(Button.created_at < now - BUTTONS_KEPT))
            old = select(Message.id).where(Message.created_at < now - FILES_KEPT)
            await session.execute(delete(OutboxFile).where(OutboxFile.message_id.in_(old)))
