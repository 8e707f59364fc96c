"""Buttons under the offer to make a group a channel (CH-14)."""

from dataclasses import replace

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager
from dishka.integrations.aiogram import FromDishka, inject

from core.channels.linking import LINK, NOT_NOW, LinkChat
from core.chat.model import Button
from core.configuration.editing import Edited
from core.configuration.wanted import Section
from core.entities.saving import SaveEntity
from core.entities.viewing import ListEntities
from core.i18n import LOCALES, own_name
from core.outbox.content import Choice, Draft
from core.texts import T, Text
from handlers.buttons import Tap
from handlers.commands.settings import open_menu
from handlers.forms.states import Form
from handlers.middlewares.spoken import Named
from handlers.talk import Talk
from handlers.taps.doubled import BELOW

SPEAK, TELL = "speak_in_chat", "tell_chat"


def add_link(router: Router) -> None:
    """Add /link, which makes the group or topic a channel in which it is sent."""
    router.message(Named("link"))(link_here)


@inject
async def link_here(
    message: Message, talk: Talk, link_chat: FromDishka[LinkChat], entities: FromDishka[ListEntities]
) -> None:
    talk.actor.require(LinkChat.permission)
    if talk.private:
        talk.say(T("Send /link in the group, or in the topic, that shall be a channel."))
        return
    edited = await link_chat(talk.actor, talk.chat.chat_id, _title(message), talk.chat.thread_id)
    _, draft = _linked(talk, edited, await _only_job(talk, entities))
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


def telling_taps() -> Router:
    """Return the router of the button that opens a window: who is told."""
    router = Router(name="telling_taps")
    router.callback_query(Tap(TELL))(tell)
    return router


@inject
async def link(
    query: CallbackQuery,
    talk: Talk,
    button: Button,
    link_chat: FromDishka[LinkChat],
    entities: FromDishka[ListEntities],
) -> Text:
    edited = await link_chat(talk.actor, button.arguments["chat_id"], button.arguments["title"])
    done, draft = _linked(talk, edited, await _only_job(talk, entities))
    talk.turn(query, draft)
    return done


@inject
async def speak(
    query: CallbackQuery,
    talk: Talk,
    button: Button,
    save: FromDishka[SaveEntity],
    entities: FromDishka[ListEntities],
) -> Text:
    """Let a channel be spoken to in the language that was tapped; in a group, in this very answer already."""
    locale = button.arguments["locale"]
    edited = await save(talk.actor, Section.CHANNELS, button.arguments["channel_id"], {"locale": locale})
    if not talk.private:
        talk.chat = replace(talk.chat, locale=locale)
    done = T("All right. Language in “{name}”: {language}.", name=edited.name, language=own_name(locale))
    job = await _only_job(talk, entities)
    how = T("Choose in /jobs what is told there.") if job is None else T("Choose below what is told there.")
    talk.turn(query, Draft([done, how], choices=_telling(edited, job)))
    return done


async def tell(_query: CallbackQuery, button: Button, dialog_manager: DialogManager) -> Text:
    """Open what the one job tells the channel, in a menu below."""
    about = button.arguments
    given = {"section": Section.JOBS.value, "entity_id": about["job_id"], "field": ["notify"]}
    await open_menu(dialog_manager, Form.rules, **given, channel=about["channel"])
    return BELOW


async def _only_job(talk: Talk, entities: ListEntities) -> int | None:
    """Return the job that a new channel can only be told of; None where there are several, or none yet."""
    jobs = (await entities(talk.actor, Section.JOBS)).rows
    return jobs[0].id if len(jobs) == 1 else None


def _telling(edited: Edited, job: int | None) -> list[list[Choice]]:
    """Return the way to who is told, where it is clear by which job."""
    about = {"job_id": job, "channel": edited.name}
    return [[Choice(T("🔔 Who is told"), TELL, about)]] if job is not None else []


def _linked(talk: Talk, edited: Edited, job: int | None) -> tuple[Text, Draft]:
    """Say what the place is now, and by whom; the languages are offered: a group need not speak the organisation's."""
    done = T("“{name}” is a channel now. Choose in /jobs what is told there.", name=edited.name)
    if job is not None:
        done = T("“{name}” is a channel now. Choose below what is told there.", name=edited.name)
    offered = [
        Choice(T("{language}", language=own_name(one)), SPEAK, {"channel_id": edited.id, "locale": one})
        for one in LOCALES
    ]
    lines = [done, T("Linked by {who}.", who=talk.actor.name), T("Which language is spoken there?")]
    return done, Draft(lines, choices=[*_telling(edited, job), *([one] for one in offered)])


async def not_now(query: CallbackQuery, talk: Talk, button: Button) -> Text:
    """Leave the group as it is, and say so in place of the question."""
    done = T("All right. /channels links it whenever you like.")
    title = T("The group “{title}” is not linked.", title=button.arguments["title"])
    talk.turn(query, Draft([T("{who} decided: not now.", who=talk.actor.name), done], title))
    return done
