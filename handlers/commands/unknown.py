"""What no other handler understood. Commands for other bots are not for us to comment on."""

import re

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from core.chat.model import Button
from core.texts import T, Text
from handlers.buttons import OUTDATED, answer
from handlers.talk import Talk, Visitor

_ANY = Command(re.compile(r"\w+"))


def unknown_router() -> Router:
    """Return the router that comes after all commands."""
    router = Router(name="unknown")
    router.message(_ANY)(unknown_command)
    router.message(F.text | F.document | F.photo | F.voice)(small_talk)
    return router


def last_router() -> Router:
    """Return the router that comes last of all: no tap stays without an answer."""
    router = Router(name="last")
    router.callback_query()(unknown_tap)
    return router


async def unknown_command(_message: Message, command: CommandObject, talk: Talk) -> None:
    if talk.private or command.mention:
        talk.say(T("I do not know /{command}. /help shows what I can do.", command=command.command))


async def small_talk(_message: Message, talk: Talk) -> None:
    if talk.private:
        talk.say(T("I understand commands such as /status. /help shows them all."))


async def unknown_tap(
    query: CallbackQuery, talk: Talk | None = None, visitor: Visitor | None = None, button: Button | None = None
) -> Text:
    """Answer a tap that nothing else took; one on a button of ours is answered where it was found."""
    speaker = talk or visitor
    if speaker is not None and button is None:
        await answer(query, speaker, OUTDATED)
    return OUTDATED
