"""Buttons under the offer to make a group a channel (CH-14)."""

from dataclasses import replace

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from dishka.integrations.aiogram import FromDishka, inject

from core.channels.linking import LINK, NOT_NOW, LinkChat
from core.chat.model import Button
from core.configuration.editing import Edited
from core.configuration.wanted import Section
from core.entities.saving import SaveEntity
from core.i18n import LOCALES, own_name
from core.outbox.content import Choice
from core.texts import T, Text
from handlers.buttons import Tap
from handlers.middlewares.spoken import Named
from handlers.talk import Talk

SPEAK = "speak_in_chat"


def add_link(router: Router) -> None:
    """Add /link, which makes the group or topic a channel in which it is sent."""
    router.message(Named("link"))(link_here)


@inject
async def link_here(message: Message, talk: Talk, link_chat: FromDishka[LinkChat]) -> None:
    talk.actor.require(LinkChat.permission)
    if talk.private:
        talk.say(T("Send /link in the group, or in the topic, that shall be a channel."))
        return
    edited = await link_chat(talk.actor, talk.chat.chat_id, _title(message), talk.chat.thread_id)
    _say_linked(talk, edited)


def _title(message: Message) -> str:
    """Return what to call the place: the group, and the topic where its beginning is known."""
    begun = message.reply_to_message.forum_topic_created if message.reply_to_message is not None else None
    return f"{message.chat.title} · {begun.name}" if begun is not None else message.chat.title or ""


def linking_taps() -> Router:
    """Return the router of the offer's buttons."""
    router = Router(name="linking_taps")
    router.callback_query(Tap(LINK))(link)
    router.callback_query(Tap(NOT_NOW))(not_now)
    router.callback_query(Tap(SPEAK))(speak)
    return router


@inject
async def link(_query: CallbackQuery, talk: Talk, button: Button, link_chat: FromDishka[LinkChat]) -> Text:
    edited = await link_chat(talk.actor, button.arguments["chat_id"], button.arguments["title"])
    return _say_linked(talk, edited)


@inject
async def speak(_query: CallbackQuery, talk: Talk, button: Button, save: FromDishka[SaveEntity]) -> Text:
    """Let a channel be spoken to in the language that was tapped; in a group, in this very answer already."""
    locale = button.arguments["locale"]
    edited = await save(talk.actor, Section.CHANNELS, button.arguments["channel_id"], {"locale": locale})
    if not talk.private:
        talk.chat = replace(talk.chat, locale=locale)
    done = T("All right. Language in “{name}”: {language}.", name=edited.name, language=own_name(locale))
    talk.say(done)
    return done


def _say_linked(talk: Talk, edited: Edited) -> Text:
    """Say what the place is now, and offer the languages: a group need not speak the organisation's."""
    done = T("“{name}” is a channel now. Choose in /jobs what is told there.", name=edited.name)
    offered = [
        Choice(T("{language}", language=own_name(one)), SPEAK, {"channel_id": edited.id, "locale": one})
        for one in LOCALES
    ]
    talk.say(done, T("Which language is spoken there?"), choices=[[one] for one in offered])
    return done


async def not_now(_query: CallbackQuery) -> Text:
    return T("All right. /channels links it whenever you like.")
