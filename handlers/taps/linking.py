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
from core.outbox.content import Choice, Draft
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
    _, draft = _linked(talk, edited)
    talk.send(replace(draft, reply_to=talk.reply_to))


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
async def link(query: CallbackQuery, talk: Talk, button: Button, link_chat: FromDishka[LinkChat]) -> Text:
    edited = await link_chat(talk.actor, button.arguments["chat_id"], button.arguments["title"])
    done, draft = _linked(talk, edited)
    talk.turn(query, draft)
    return done


@inject
async def speak(query: CallbackQuery, talk: Talk, button: Button, save: FromDishka[SaveEntity]) -> Text:
    """Let a channel be spoken to in the language that was tapped; in a group, in this very answer already."""
    locale = button.arguments["locale"]
    edited = await save(talk.actor, Section.CHANNELS, button.arguments["channel_id"], {"locale": locale})
    if not talk.private:
        talk.chat = replace(talk.chat, locale=locale)
    done = T("All right. Language in “{name}”: {language}.", name=edited.name, language=own_name(locale))
    talk.turn(query, Draft([done, T("Choose in /jobs what is told there.")]))
    return done


def _linked(talk: Talk, edited: Edited) -> tuple[Text, Draft]:
    """Say what the place is now, and by whom; the languages are offered: a group need not speak the organisation's."""
    done = T("“{name}” is a channel now. Choose in /jobs what is told there.", name=edited.name)
    offered = [
        Choice(T("{language}", language=own_name(one)), SPEAK, {"channel_id": edited.id, "locale": one})
        for one in LOCALES
    ]
    lines = [done, T("Linked by {who}.", who=talk.actor.name), T("Which language is spoken there?")]
    return done, Draft(lines, choices=[[one] for one in offered])


async def not_now(query: CallbackQuery, talk: Talk, button: Button) -> Text:
    """Leave the group as it is, and say so in place of the question."""
    done = T("All right. /channels links it whenever you like.")
    title = T("The group “{title}” is not linked.", title=button.arguments["title"])
    talk.turn(query, Draft([T("{who} decided: not now.", who=talk.actor.name), done], title))
    return done
