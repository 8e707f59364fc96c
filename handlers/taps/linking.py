"""Buttons under the offer to make a group a channel (CH-14)."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from dishka.integrations.aiogram import FromDishka, inject

from core.channels.linking import LINK, NOT_NOW, LinkChat
from core.chat.model import Button
from core.texts import T, Text
from handlers.buttons import Tap
from handlers.middlewares.spoken import Named
from handlers.talk import Talk


def add_link(router: Router) -> None:
    """Add /link, which makes the group or topic a channel in which it is sent."""
    router.message(Named("link"))(link_here)


@inject
async def link_here(message: Message, talk: Talk, link_chat: FromDishka[LinkChat]) -> None:
    if talk.private:
        talk.say(T("Send /link in the group, or in the topic, that shall be a channel."))
        return
    edited = await link_chat(talk.actor, talk.chat.chat_id, _title(message), talk.chat.thread_id)
    talk.say(T("“{name}” is a channel now. Choose in the /jobs what is told there.", name=edited.name))


def _title(message: Message) -> str:
    """Return what to call the place: the group, and the topic where its beginning is known."""
    begun = message.reply_to_message.forum_topic_created if message.reply_to_message is not None else None
    return f"{message.chat.title} · {begun.name}" if begun is not None else message.chat.title or ""


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
