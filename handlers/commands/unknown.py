"""What no other handler understood. Commands for other bots are not for us to comment on."""

import asyncio

from aiogram import F, Router
from aiogram.enums import ContentType
from aiogram.filters import CommandObject, Filter
from aiogram.types import CallbackQuery, Message

from core.chat.model import Button
from core.texts import T, Text
from handlers.buttons import OUTDATED
from handlers.dialogs.area import StaleButton
from handlers.middlewares.spoken import Named
from handlers.talk import Talk

_UNREADABLE = frozenset(
    {
        ContentType.ANIMATION,
        ContentType.AUDIO,
        ContentType.CHECKLIST,
        ContentType.CONTACT,
        ContentType.DICE,
        ContentType.DOCUMENT,
        ContentType.GAME,
        ContentType.LOCATION,
        ContentType.PAID_MEDIA,
        ContentType.PHOTO,
        ContentType.POLL,
        ContentType.STICKER,
        ContentType.STORY,
        ContentType.VENUE,
        ContentType.VIDEO,
        ContentType.VIDEO_NOTE,
        ContentType.VOICE,
    }
)
"""What people send; the rest of what is no text is Telegram's own word of a chat."""
_ALBUM_SECONDS = 60.0
"""How far apart the messages of one album come, at most."""


class OfAnAlbumTheFirst(Filter):
    """Lets a message pass, of an album only the first: what was sent together gets one word."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}

    async def __call__(self, message: Message) -> bool:
        album = message.media_group_id
        if album is None:
            return True
        now = asyncio.get_running_loop().time()
        self._seen = {key: at for key, at in self._seen.items() if now - at < _ALBUM_SECONDS}
        return self._seen.setdefault(album, now) == now


def unknown_router() -> Router:
    """Return the router that comes after all commands, and before the dialogs that take typed words."""
    router = Router(name="unknown")
    router.message(Named())(unknown_command)
    return router


def last_router() -> Router:
    """Return the router that comes last of all: no tap stays without an answer."""
    router = Router(name="last")
    router.message(F.text)(small_talk)
    router.message(F.content_type.in_(_UNREADABLE), OfAnAlbumTheFirst())(unreadable)
    router.edited_message(F.text)(changed_afterwards)
    router.callback_query()(unknown_tap)
    return router


async def unknown_command(_message: Message, command: CommandObject, talk: Talk) -> None:
    if talk.private or command.mention:
        talk.say(T("I do not know /{command}. /help shows what I can do.", command=command.command))


async def small_talk(_message: Message, talk: Talk) -> None:
    if talk.private:
        talk.say(T("I understand commands such as /menu. /help shows them all."))


async def unreadable(_message: Message, talk: Talk) -> None:
    """Give a word to what no window takes; a group may talk among itself."""
    if talk.private:
        talk.say(T("I can only read text, and files where a page asks for one. What was open stays as it was."))


async def changed_afterwards(_message: Message, talk: Talk) -> None:
    talk.say(T("I read only new messages, and that one was changed afterwards: send it once more."))


async def unknown_tap(_query: CallbackQuery, button: Button | None = None) -> Text:
    """Refuse a tap that nothing else took; one on a button of ours is answered where it was found."""
    if button is None:
        raise StaleButton
    return OUTDATED
