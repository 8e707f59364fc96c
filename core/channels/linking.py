"""Somebody adds the bot to a group: the admin who did may make it a channel with one tap (CH-14)."""

from dataclasses import dataclass

from sqlalchemy import select

from core.access import Actor, Permission, Role, UseCase
from core.channels.model import Channel
from core.configuration.editing import Edited
from core.configuration.wanted import Section
from core.db.database import Database
from core.entities.saving import SaveEntity
from core.errors import Conflict
from core.logs import escape_controls
from core.notices.chats import TELEGRAM, ChatRef
from core.outbox.closing import channels_of
from core.outbox.content import Choice, Draft
from core.outbox.writing import Outbox
from core.people.repository import find_member
from core.texts import T

LINK, NOT_NOW = "link_chat", "not_now"
_NAME = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A group or channel of Telegram that the bot was just added to."""

    chat_id: int
    title: str
    topics: bool


class OfferLink:
    """Ask the admin who added the bot, in private, whether the place shall be a channel.

    Everybody else gets nothing: not those who are no admins, not a place that is a channel of
    anybody already, and nobody who cannot be written to.
    """

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    async def __call__(self, telegram_id: int, place: Place, *, key: str) -> bool:
        """Return whether somebody was asked; once for each `key`."""
        async with self._database.writing() as session:
            member = await (await session.connection()).run_sync(find_member, telegram_id, None)
            if member is None or not member.person.private_chat or Role.named(member.person.role) < Role.ADMIN:
                return False
            if await channels_of(session, place.chat_id):
                return False
            home = member.organisation
            lines = [
                T(
                    "You have added me there. As a channel, it can be told of runs, "
                    "and it speaks for {organisation} alone.",
                    organisation=home.name,
                )
            ]
            if place.topics:
                lines.append(T("For one of its topics only, send /link in that topic instead."))
            about = {"chat_id": place.chat_id, "title": place.title}
            choices = [Choice(T("Link"), LINK, about, telegram_id), Choice(T("Not now"), NOT_NOW, about, telegram_id)]
            title = T("Link the group “{title}” as a channel?", title=place.title)
            chat = ChatRef(telegram_id, member.person.language(home.locale))
            return await self._outbox.say(session, home.id, chat, Draft(lines, title, [choices]), key=key)


class LinkChat(UseCase):
    """Make a chat, or one topic in it, a channel under its own title, with a number after it if that is taken."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, save: SaveEntity) -> None:
        self._database = database
        self._save = save

    async def __call__(self, actor: Actor, chat_id: int, title: str, thread_id: int | None = None) -> Edited:
        async with self._database.reading() as session:
            known = await channels_of(session, chat_id)
            others = [one for one in known if one.organisation_id != actor.organisation_id]
            if others or any(one.settings.get("thread_id") == thread_id for one in known):
                raise Conflict(T("This chat is a channel already."))
            mine = Channel.organisation_id == actor.organisation_id
            taken = {name.casefold() for name in await session.scalars(select(Channel.name).where(mine))}
        place = {"chat_id": chat_id} | ({"thread_id": thread_id} if thread_id is not None else {})
        fields = {"name": _free_name(title, taken), "module": TELEGRAM, "settings": place}
        return await self._save(actor, Section.CHANNELS, None, fields)


def _free_name(title: str, taken: set[str]) -> str:
    """Return a title as a name: on one line, nothing hidden in it, and not taken."""
    plain = " ".join(escape_controls(title).split())[:_NAME].strip() or "Telegram"
    numbered = (plain if number == 1 else f"{plain} {number}" for number in range(1, len(taken) + 2))
    return next(name for name in numbered if name.casefold() not in taken)
