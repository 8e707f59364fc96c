"""Handling every update once, although the messenger may bring it twice (X-9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, bindparam, delete, or_, select, text
from sqlalchemy.orm import Session

from core.chat.memory import Memory, remember
from core.chat.model import Button, DialogState, HandledUpdate, ReceivedUpdate
from core.clock import Clock
from core.db.base import Instant
from core.db.database import Database
from core.db.prepared import Prepared
from core.history.model import AuditEntry
from core.notices.chats import ChatRef
from core.outbox.content import Draft
from core.outbox.model import Message, OutboxFile
from core.outbox.writing import Outbox
from core.people.model import Stranger
from core.people.repository import Member, find_member

UPDATES_KEPT = timedelta(days=3)
RECEIVED_KEPT = timedelta(days=30)
"""For what does not open any more: by then nobody brings its key back."""
DIALOGS_KEPT = timedelta(days=7)
BUTTONS_KEPT = timedelta(days=90)
STRANGERS_KEPT = BUTTONS_KEPT
"""Their button to ask for access goes at the same time."""
FILES_KEPT = timedelta(days=14)
_HANDLED = Prepared(
    text(
        "INSERT INTO handled_updates (update_id, handled_at) VALUES (:update_id, :now) ON CONFLICT DO NOTHING"
    ).bindparams(bindparam("now", type_=Instant()))
)
_ONE = Prepared(select(HandledUpdate.update_id).where(HandledUpdate.update_id == bindparam("id")))
_NO_DEEDS = ("pin_paused", "app_paused", "needs_credentials")
"""What only came of trying something, and is no sign that it was done."""
_LATEST = (
    select(AuditEntry.correlation_id, AuditEntry.person_id, AuditEntry.source, AuditEntry.action)
    .order_by(AuditEntry.id.desc())
    .limit(1000)
    .subquery()
)
_EFFECT = Prepared(
    select(_LATEST.c.correlation_id)
    .where(
        _LATEST.c.correlation_id == bindparam("id"),
        # What a run that it began comes upon goes by the same id, but is nobody's deed.
        _LATEST.c.person_id.is_not(None),
        _LATEST.c.source == "chat",
        *(_LATEST.c.action != one for one in _NO_DEEDS),
    )
    .limit(1)
)


def correlation_of(update_id: int) -> str:
    """Return what everything goes by that an update causes."""
    return f"tg:{update_id}"


@dataclass(frozen=True, slots=True)
class Reply:
    """A message that answers an update."""

    organisation_id: int | None
    chat: ChatRef
    draft: Draft


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update of somebody: handled before, or new, from somebody of ours or a stranger (None)."""

    known: bool = False
    member: Member | None = None


class Updates:
    """Remembers handled updates. Their answers are written in the same transaction.

    So a crash leaves either both or nothing, and what the update caused is safe to repeat
    because it goes by the update's id.
    """

    def __init__(self, database: Database, clock: Clock, outbox: Outbox) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox

    @property
    def writes(self) -> int:
        """How much was written so far for whoever sends updates."""
        return self._database.writes_for_people

    async def known(self, update_id: int) -> bool:
        return await self._database.glance(lambda session: _known(session.connection(), update_id))

    async def arrived(self, update_id: int, telegram_id: int, group_id: int | None) -> Arrival:
        """Tell in one read whether an update is known, and who speaks: their role as it is now."""

        def look(session: Session) -> Arrival:
            connection = session.connection()
            if _known(connection, update_id):
                return Arrival(known=True)
            return Arrival(member=find_member(connection, telegram_id, group_id))

        return await self._database.glance(look)

    async def took_effect(self, update_id: int) -> bool:
        """Tell whether what an update asked for was done lately: then a kill came before it counted as handled."""
        correlation = correlation_of(update_id)
        return bool(await self._database.glance(lambda session: _EFFECT.rows(session.connection(), id=correlation)))

    async def finish(self, update_id: int, replies: Sequence[Reply], memories: Sequence[Memory] = ()) -> bool:
        """Write the answers, what the conversation remembers, and the fact that the update was handled.

        Returns False, and writes nothing, when it was handled already.
        """
        now = self._clock.now()

        def write(session: Session) -> bool:
            connection = session.connection()
            if not _HANDLED.run(connection, update_id=update_id, now=now):
                return False
            remember(connection, memories, now)
            for number, reply in enumerate(replies):
                key = f"tg:{update_id}:{number}"
                self._outbox.put(session, reply.organisation_id, reply.chat, reply.draft, key=key)
            return True

        # What a tap that only looks leaves behind is a few rows; messages are more.
        return await (self._database.write(write) if replies else self._database.jot(write))

    async def sweep(self) -> None:
        """Forget updates, half-filled forms, buttons, undelivered files and strangers that are too old to matter."""
        now = self._clock.now()
        silent = or_(Stranger.asked_at.is_(None), Stranger.asked_at < now - STRANGERS_KEPT)
        async with self._database.writing() as session:
            await session.execute(delete(HandledUpdate).where(HandledUpdate.handled_at < now - UPDATES_KEPT))
            await session.execute(delete(DialogState).where(DialogState.updated_at < now - DIALOGS_KEPT))
            await session.execute(delete(Button).where(Button.created_at < now - BUTTONS_KEPT))
            old = select(Message.id).where(Message.created_at < now - FILES_KEPT)
            await session.execute(delete(OutboxFile).where(OutboxFile.message_id.in_(old)))
            await session.execute(delete(ReceivedUpdate).where(ReceivedUpdate.received_at < now - RECEIVED_KEPT))
            await session.execute(delete(Stranger).where(Stranger.answered_at < now - STRANGERS_KEPT, silent))


def _known(connection: Connection, update_id: int) -> bool:
    return bool(_ONE.rows(connection, id=update_id))
