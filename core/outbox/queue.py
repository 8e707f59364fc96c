"""The sender's view of the outbox: what waits, chat by chat, and what became of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, case, delete, or_, select

from core.clock import Clock
from core.db.database import Database
from core.i18n import CURRENCY, Translator
from core.organisations.model import Organisation
from core.outbox.content import Attachment
from core.outbox.model import NO_CHAT, Message, OutboxFile
from core.texts import Text

PENDING, SENDING, SENT, DEAD = "pending", "sending", "sent", "dead"
WAITING = (PENDING, SENDING)
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message about to be sent, for whom; its instants and its money are shown in this zone and currency."""

    message: Message
    zone: ZoneInfo
    currency: str
    organisation: str = ""

    @property
    def translator(self) -> Translator:
        return Translator(self.message.body["locale"], self.zone, self.currency)


class OutboxQueue:
    """Reads and settles rows. One process sends; any may write.

    A row found in `sending` was cut off by a crash: nobody knows whether it arrived. It is
    sent again, since a message twice is better than a message lost (X-9).
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def chats(self) -> list[int]:
        """Return the chats for which something is due."""
        async with self._database.reading() as session:
            wanted = self._due(select(Message.chat_id)).where(Message.chat_id != NO_CHAT)
            return list(await session.scalars(wanted.distinct()))

    async def channels(self) -> list[int]:
        """Return the channels beyond Telegram for which something is due."""
        async with self._database.reading() as session:
            wanted = self._due(select(Message.channel_id)).where(Message.chat_id == NO_CHAT)
            return [one for one in await session.scalars(wanted.distinct()) if one is not None]

    async def next_post(self, channel_id: int) -> Outgoing | None:
        """Return what a channel beyond Telegram is told next."""
        return await self._first(Message.chat_id == NO_CHAT, Message.channel_id == channel_id)

    async def head(self, chat_id: int, patience: timedelta | None = None) -> Outgoing | None:
        """Return what comes next in a chat: what was begun, then by priority, then in order.

        With `patience`, what waited for that long comes before all that is more urgent.
        """
        return await self._first(Message.chat_id == chat_id, patience=patience)

    async def _first(self, *which: ColumnElement[bool], patience: timedelta | None = None) -> Outgoing | None:
        wanted = self._due(select(Message)).where(*which)
        urgency: ColumnElement[int] = Message.priority.expression
        if patience is not None:
            urgency = case((Message.created_at <= self._clock.now() - patience, -1), else_=urgency)
        order = ((Message.state == SENDING).desc(), urgency, Message.id)
        async with self._database.reading() as session:
            message: Message | None = await session.scalar(wanted.order_by(*order).limit(1))
            if message is None:
                return None
            if message.organisation_id is None:
                return Outgoing(message, _UTC, CURRENCY)
            home = await session.get_one(Organisation, message.organisation_id)
            return Outgoing(message, home.zone, home.currency, home.name)

    async def begin(self, message_id: int) -> bool:
        """Note that a message is about to leave. False when it no longer waits."""
        async with self._database.writing() as session:
            message = await session.get(Message, message_id, with_for_update=True)
            if message is None or message.state not in WAITING:
                return False
            message.state = SENDING
            message.attempts += 1
            return True

    async def file(self, message: Message) -> Attachment | None:
        """Return the file that travels with a message; None for one that has none, or lost it."""
        if "file" not in message.body:
            return None
        async with self._database.reading() as session:
            found = await session.get(OutboxFile, message.id)
        return None if found is None else Attachment(found.name, found.data, found.photo)

    async def back(self, message_id: int) -> None:
        """Put a message back that certainly, or possibly, did not arrive."""
        async with self._database.writing() as session:
            message = await session.get_one(Message, message_id)
            if message.state == SENDING:
                message.state = PENDING

    async def later(self, message_id: int, wait: timedelta) -> None:
        """Put a message back, to be tried again after a while."""
        async with self._database.writing() as session:
            message = await session.get_one(Message, message_id)
            message.state, message.not_before = PENDING, self._clock.now() + wait

    async def anew(self, message_id: int) -> None:
        """Put a message back to be sent by itself: what it should have replaced is gone."""
        async with self._database.writing() as session:
            message = await session.get_one(Message, message_id)
            message.state, message.body = PENDING, {**message.body, "replaces": None}
            message.message_id = None

    async def part_sent(self, message_id: int, parts: int) -> None:
        """Remember how many parts of a long message are in the chat."""
        async with self._database.writing() as session:
            message = await session.get_one(Message, message_id)
            message.body = {**message.body, "parts_sent": parts}

    async def sent(self, message_id: int, telegram_message_id: int) -> None:
        async with self._database.writing() as session:
            message = await session.get_one(Message, message_id)
            message.state, message.message_id, message.sent_at = SENT, telegram_message_id, self._clock.now()
            await session.execute(delete(OutboxFile).where(OutboxFile.message_id == message_id))

    async def dead(self, message_id: int, reason: Text) -> None:
        """Give a message up; it stays to be looked at, with the reason in its reader's language."""
        async with self._database.writing() as session:
            message = await session.get_one(Message, message_id)
            message.state, message.reason = DEAD, reason.to_json()

    def _due(self, wanted: Select[Any]) -> Select[Any]:
        now = self._clock.now()
        due = or_(Message.not_before.is_(None), Message.not_before <= now)
        return wanted.where(Message.state.in_(WAITING), due)
