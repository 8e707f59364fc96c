"""Chats that close, come back, or move: what waits for them and the channels that use them (CH-14)."""

import structlog
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.channels.model import Channel
from core.chat.model import Button
from core.db.database import Database
from core.executions.model import Execution
from core.executions.states import OPEN_STATES
from core.ids import new_id
from core.notices.chats import ALARM, TELEGRAM, ChatRef
from core.organisations.model import Organisation
from core.outbox.content import Draft
from core.outbox.model import ALIVE, CLOSED, FINAL, LIVE, REDRAWN, Card, Message, OutboxFile
from core.outbox.queue import DEAD, PENDING, WAITING
from core.outbox.writing import Outbox
from core.people.model import Person
from core.people.repository import admins_of
from core.texts import T, Text

_REASON = 250

log = structlog.get_logger(__name__)


class Chats:
    """Follows what happens to chats. Every method that writes is one transaction and safe to repeat."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox
        self._moved: dict[int, int] = {}

    def moved_to(self, chat_id: int) -> int | None:
        """Return the new id of a group that moved in the time of this process: answers may still name the old one."""
        return self._moved.get(chat_id)

    async def close(self, chat_id: int, reason: Text) -> None:
        """Give up a chat that cannot be written to any more.

        Waiting messages die with the reason, cards rest, channels are disabled, and the admins
        of those are told once, in private.
        """
        async with self._database.writing() as session:
            await _lose_messages(session, reason, Message.chat_id == chat_id)
            await _lose_cards(session, CLOSED, reason, Card.chat_id == chat_id)
            await session.execute(update(Person).where(Person.telegram_id == chat_id).values(private_chat=False))
            await self._disable(session, await channels_of(session, chat_id), reason)

    async def close_topic(self, chat_id: int, thread_id: int | None, reason: Text) -> None:
        """Give up one topic of a chat in the same way; None is the general one."""
        async with self._database.writing() as session:
            await _lose_messages(session, reason, Message.chat_id == chat_id, Message.thread_id == thread_id)
            await _lose_cards(session, DEAD, reason, Card.chat_id == chat_id, Card.thread_id == thread_id)
            channels = await channels_of(session, chat_id)
            own = [channel for channel in channels if channel.settings.get("thread_id") == thread_id]
            await self._disable(session, own, reason)

    async def reopen(self, chat_id: int) -> None:
        """Use a chat again that let the bot back in: its channels work again, its cards are brought up to date.

        Those of runs that go on live as before; those of runs that have ended are not sent anew.
        """
        async with self._database.writing() as session:
            resting = update(Card).where(Card.chat_id == chat_id, Card.state == CLOSED)
            going_on = Card.execution_id.in_(select(Execution.id).where(Execution.state.in_(OPEN_STATES)))
            await session.execute(resting.where(going_on).values(state=LIVE, reason=None))
            await session.execute(resting.where(Card.message_id.is_not(None)).values(state=REDRAWN, reason=None))
            await session.execute(update(Person).where(Person.telegram_id == chat_id).values(private_chat=True))
            for channel in await channels_of(session, chat_id):
                channel.disabled_reason = None

    async def move(self, old: int, new: int) -> None:
        """Go on under the new id when a group has become a supergroup.

        The messages of the old group cannot be edited from the new one, so living cards are
        drawn anew; one that the new chat has already replaces it. What was final stays behind as it is.
        """
        async with self._database.writing() as session:
            for channel in await channels_of(session, old):
                channel.settings = {**channel.settings, "chat_id": new}
            # Dead ones too: they may be sent again.
            unsent = update(Message).where(Message.chat_id == old, Message.state.in_((*WAITING, DEAD)))
            await session.execute(unsent.values(chat_id=new))
            there = select(Card.execution_id, Card.thread_id).where(Card.chat_id == new)
            known = {(run, thread) for run, thread in await session.execute(there)}
            for card in await session.scalars(select(Card).where(Card.chat_id == old, Card.state.in_(ALIVE))):
                if card.state == REDRAWN:
                    card.state = FINAL
                elif (card.execution_id, card.thread_id) in known:
                    card.state, card.reason = DEAD, "the group has become a supergroup"
                else:
                    card.chat_id, card.message_id, card.shown = new, None, None
            await session.execute(update(Button).where(Button.chat_id == old).values(chat_id=new))
        self._moved[old] = new

    async def _disable(self, session: AsyncSession, channels: list[Channel], reason: Text) -> None:
        for channel in channels:
            if channel.disabled_reason is None:
                channel.disabled_reason = reason.to_json()
                await self._tell_admins(session, channel, reason)

    async def _tell_admins(self, session: AsyncSession, channel: Channel, reason: Text) -> None:
        organisation = await session.get_one(Organisation, channel.organisation_id)
        text = T(
            "I cannot write to the channel “{channel}” any more: {reason} It is switched off until that is mended.",
            channel=channel.name,
            reason=reason,
        )
        # A channel that was mended and closes again is told of again; within one closing, once.
        cause = new_id()
        admins = await admins_of(session, channel.organisation_id)
        log.warning("channel_closed", channel=channel.name, reason=str(reason), told=len(admins))
        for person in admins:
            chat = ChatRef(person.telegram_id, person.language(organisation.locale))
            key = f"channel:{channel.id}:{cause}:{person.id}"
            await self._outbox.say(session, organisation.id, chat, Draft([text]), key=key, priority=ALARM)


async def _lose_messages(session: AsyncSession, reason: Text, *where: ColumnElement[bool]) -> None:
    """Let what waits there die with the reason."""
    waiting = update(Message).where(Message.state.in_(WAITING), *where)
    await session.execute(waiting.values(state=DEAD, reason=reason.to_json()))


async def _lose_cards(session: AsyncSession, state: str, reason: Text, *where: ColumnElement[bool]) -> None:
    """Draw what lives there no more, for the reason."""
    living = update(Card).where(Card.state.in_(ALIVE), *where)
    await session.execute(living.values(state=state, reason=str(reason)[:_REASON]))


async def withhold(session: AsyncSession, organisation_id: int, chat_id: int) -> None:
    """Forget what an organisation still wanted to say in a chat: nobody there is to hear it any more."""
    mine = (Message.organisation_id == organisation_id, Message.chat_id == chat_id, Message.state == PENDING)
    ids = list(await session.scalars(select(Message.id).where(*mine)))
    await session.execute(delete(OutboxFile).where(OutboxFile.message_id.in_(ids)))
    await session.execute(delete(Message).where(Message.id.in_(ids)))


async def channels_of(session: AsyncSession, chat_id: int) -> list[Channel]:
    """Return the Telegram channels of any organisation that use a chat."""
    found = await session.scalars(select(Channel).where(Channel.module == TELEGRAM, Channel.deleted_at.is_(None)))
    return [channel for channel in found if channel.settings.get("chat_id") == chat_id]
