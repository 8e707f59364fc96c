"""The cards on which admins were asked about a stranger: once somebody decided, each says so in its own place."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor
from core.chat.model import Button
from core.notices.chats import ChatRef
from core.outbox.content import Draft
from core.outbox.model import Message
from core.outbox.queue import PENDING, SENT
from core.outbox.writing import Outbox, outbox_key
from core.people.model import Stranger
from core.people.repository import admins_of
from core.texts import T, Text


def asking_key(telegram_id: int) -> str:
    """Return how the keys of all cards about a stranger begin."""
    return f"access:{telegram_id}:"


async def tell_decided(session: AsyncSession, outbox: Outbox, actor: Actor, stranger: Stranger, decided: Text) -> None:
    """Let every admin who was asked read what was decided, and by whom, with nothing left to tap.

    Who is no admin any more is told nothing. What had not left yet comes as the decision alone.
    """
    chats = [admin.telegram_id for admin in await admins_of(session, actor.organisation_id)]
    asked = select(Message).where(
        Message.organisation_id == actor.organisation_id,
        Message.dedupe_key.startswith(asking_key(stranger.telegram_id), autoescape=True),
        Message.chat_id.in_(chats),
        Message.state.in_((PENDING, SENT)),
    )
    about = T("{name} (Telegram id {id}) had asked for access.", name=stranger.name, id=str(stranger.telegram_id))
    lines = [about, T("Decided by {who}.", who=actor.name)]
    for card in list(await session.scalars(asked)):
        draft = Draft(lines, decided, replaces=card.message_id)
        chat = ChatRef(card.chat_id, card.body["locale"])
        await outbox.say(session, actor.organisation_id, chat, draft, key=f"decided:{card.dedupe_key}")
        if card.state == PENDING:
            await session.execute(delete(Button).where(Button.message_key == outbox_key(card.id)))
            await session.delete(card)
