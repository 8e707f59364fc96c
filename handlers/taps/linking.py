"""Buttons under the offer to make a group a channel (CH-14)."""

from aiogram import Router
from aiogram.types import CallbackQuery
from dishka.integrations.aiogram import FromDishka, inject

from core.channels.linking import LINK, NOT_NOW, LinkChat
from core.chat.model import Button
from core.texts import T, Text
from handlers.buttons import Tap
from handlers.talk import Talk


def linking_taps() -> Router:
    """Return the router of the offer's buttons."""
    router = Router(name="linking_taps")
    router.callback_query(Tap(LINK))(link)
    router.callback_query(Tap(NOT_NOW))(not_now)
    return router


@inject
async def link(_query: CallbackQuery, talk: Talk, button: Button, link_chat: FromDishka[LinkChat]) -> Text:
    edited = await link_chat(talk.actor, button.arguments["chat_id"], button.arguments["title"])
    done = T("“{name}” is a channel now. Choose in the /jobs what is told there.", name=edited.name)
    talk.say(done)
    return done


async def not_now(_query: CallbackQuery) -> Text:
    return T("All right. /channels links it whenever you like.")
