"""Messages that could not be delivered: looked at, sent again, or dropped (CH-14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.channels.model import Channel
from core.db.database import Database
from core.history.recorder import Recorder
from core.outbox.model import Message, OutboxFile
from core.outbox.queue import DEAD, PENDING
from core.people.repository import find_person
from core.texts import T, Text

DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that was given up: for whom, since when, how it begins, and why."""

    id: int
    chat: str
    written_at: datetime
    beginning: Text
    reason: Text


class ListUndelivered(UseCase):
    """The newest messages that were given up, and how many there are in all."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor, *, limit: int = 5) -> tuple[list[Undelivered], int]:
        mine = (Message.organisation_id == actor.organisation_id, Message.state == DEAD)
        async with self._database.reading() as session:
            total = await session.scalar(select(func.count()).select_from(Message).where(*mine)) or 0
            found = await session.scalars(select(Message).where(*mine).order_by(Message.id.desc()).limit(limit))
            return [await _describe(session, message) for message in found], total


class SettleUndelivered(UseCase):
    """Send given-up messages again, or drop them for good. Returns how many there were.

    What was settled meanwhile is left alone, so a second tap changes nothing.
    """

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, recorder: Recorder) -> None:
        self._database = database
        self._recorder = recorder

    async def __call__(self, actor: Actor, message_ids: Sequence[int] | None, *, again: bool) -> int:
        """Settle these messages of the actor's organisation, or all of them (None)."""
        wanted = select(Message).where(Message.organisation_id == actor.organisation_id, Message.state == DEAD)
        if message_ids is not None:
            wanted = wanted.where(Message.id.in_(message_ids))
        async with self._database.writing() as session:
            messages = list(await session.scalars(wanted.order_by(Message.id).with_for_update()))
            for message in messages:
                self._recorder.audit(
                    session,
                    actor,
                    "sent_again" if again else "dropped",
                    "message",
                    message.id,
                    before={"reason": message.reason},
                )
                message.state, message.reason = (PENDING, None) if again else (DROPPED, message.reason)
                message.attempts, message.not_before = 0, None
            if not again:
                gone = [message.id for message in messages]
                await session.execute(delete(OutboxFile).where(OutboxFile.message_id.in_(gone)))
        return len(messages)


async def _describe(session: AsyncSession, message: Message) -> Undelivered:
    body = message.body
    beginning = body.get("title") or (body["lines"] or [{"message": ""}])[0]
    return Undelivered(
        message.id,
        await _chat_name(session, message),
        message.created_at,
        Text.from_json(beginning),
        Text.from_json(message.reason) if message.reason else T("nobody knows."),
    )


async def _chat_name(session: AsyncSession, message: Message) -> str:
    channel = None if message.channel_id is None else await session.get(Channel, message.channel_id)
    if channel is not None:
        return channel.name
    person = None
    if message.organisation_id is not None:
        person = await find_person(session, message.organisation_id, message.chat_id)
    return person.name if person is not None else str(message.chat_id)
