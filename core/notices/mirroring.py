"""When Telegram cannot be reached, what cannot wait also goes by e-mail (CH-14)."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.channels.model import Channel
from core.clock import Clock
from core.db.database import Database
from core.ids import new_id
from core.notices.chats import ALARM
from core.notices.quiet import CANNOT_WAIT
from core.outbox.model import NO_CHAT, Message
from core.outbox.queue import WAITING
from core.texts import T

PATIENCE = timedelta(minutes=3)
_EMAIL = "email"


class MirrorAlarms:
    """Queues a mail for each critical notice that Telegram did not take for some minutes, once.

    The mail says that Telegram will bring the same notice, so that nobody takes it for a second one.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def tick(self) -> None:
        late = select(Message).where(
            Message.state.in_(WAITING),
            Message.chat_id != NO_CHAT,
            Message.priority == ALARM,
            Message.attempts > 0,
            Message.created_at <= self._clock.now() - PATIENCE,
            Message.organisation_id.is_not(None),
        )
        async with self._database.reading() as session:
            found = [one for one in await session.scalars(late) if one.body.get("event") in CANNOT_WAIT]
        if not found:
            return
        async with self._database.writing() as session:
            for message in found:
                await self._mirror(session, message)

    async def _mirror(self, session: AsyncSession, message: Message) -> None:
        wanted = select(Channel.id).where(
            Channel.organisation_id == message.organisation_id,
            Channel.module == _EMAIL,
            Channel.enabled,
            Channel.deleted_at.is_(None),
            Channel.disabled_reason.is_(None),
        )
        # One cause is told in several chats; the mail about it goes out once.
        cause = message.dedupe_key.rpartition(":")[0]
        note = T("Telegram cannot be reached, so this comes by e-mail; Telegram brings it too once it is back.")
        for channel_id in await session.scalars(wanted):
            key = f"mail:{channel_id}:{cause}"
            if await session.scalar(select(Message.id).where(Message.dedupe_key.in_((key, f"{cause}:c{channel_id}")))):
                continue
            session.add(
                Message(
                    organisation_id=message.organisation_id,
                    chat_id=NO_CHAT,
                    thread_id=None,
                    priority=ALARM,
                    body={**message.body, "lines": [*message.body["lines"], note.to_json()], "notice": new_id()},
                    dedupe_key=key,
                    created_at=self._clock.now(),
                    channel_id=channel_id,
                )
            )
