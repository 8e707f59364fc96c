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
from core.entities.viewing import ListEntities, ShowEntity
from core.i18n import LOCALES, own_name
from core.outbox.content import Choice, Draft
from core.paging import Paging
from core.texts import T, Text
from handlers.buttons import Tap
from handlers.commands.settings import open_menu
from handlers.dialogs.menu import Menu
from handlers.dialogs.places import Home
from handlers.entities.states import Entities
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
    _, draft = _linked(talk, edited, await _jobs(talk, entities))
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
    done, draft = _linked(talk, edited, await _jobs(talk, entities))
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
    jobs = await _jobs(talk, entities)
    how = T("Choose below what is told there.") if jobs else T("Choose in /jobs what is told there.")
    talk.turn(query, Draft([done, how], choices=_telling(edited, jobs)))
    return done


@inject
async def tell(
    _query: CallbackQuery, talk: Talk, button: Button, dialog_manager: DialogManager, show: FromDishka[ShowEntity]
) -> Text:
    """Open, in a menu below, what the only job tells the channel, or the channel's page, which leads to all jobs."""
    about = button.arguments
    job = about["job_id"]
    section, entity_id = (Section.JOBS, job) if job is not None else (Section.CHANNELS, about["channel_id"])
    view = await show(talk.actor, section, entity_id)
    given = {"section": section.value, "entity_id": entity_id}
    if view.removed:
        Menu(dialog_manager).note(T("“{name}” was deleted meanwhile. Its list can bring it back.", name=view.name))
        await open_menu(dialog_manager, Home.main)
    elif job is not None:
        await open_menu(dialog_manager, Form.rules, **given, field=["notify"], channel=about["channel"])
    else:
        await open_menu(dialog_manager, Entities.one, **given)
    return BELOW


async def _jobs(talk: Talk, entities: ListEntities) -> list[int]:
    """Return the jobs that may tell a new channel something: the only one, or of several the first two."""
    return [job.id for job in (await entities(talk.actor, Section.JOBS, paging=Paging(size=2))).rows]


def _telling(edited: Edited, jobs: list[int]) -> list[list[Choice]]:
    """Return the way to who is told, by the only job or by which of several."""
    about = {"job_id": jobs[0] if len(jobs) == 1 else None, "channel": edited.name, "channel_id": edited.id}
    return [[Choice(T("🔔 Who is told"), TELL, about)]] if jobs else []


def _linked(talk: Talk, edited: Edited, jobs: list[int]) -> tuple[Text, Draft]:
    """Say what the place is now, and by whom; the languages are offered: a group need not speak the organisation's."""
    done = T("“{name}” is a channel now. Choose in /jobs what is told there.", name=edited.name)
    if jobs:
        done = T("“{name}” is a channel now. Choose below what is told there.", name=edited.name)
    offered = [
        Choice(T("{language}", language=own_name(one)), SPEAK, {"channel_id": edited.id, "locale": one})
        for one in LOCALES
    ]
    lines = [done, T("Linked by {who}.", who=talk.actor.name), T("Which language is spoken there?")]
    return done, Draft(lines, choices=[*_telling(edited, jobs), *([one] for one in offered)])


async def not_now(query: CallbackQuery, talk: Talk, button: Button) -> Text:
    """Leave the group as it is, and say so in place of the question."""
    done = T("All right. /channels links it whenever you like.")
    title = T("The group “{title}” is not linked.", title=button.arguments["title"])
    talk.turn(query, Draft([T("{who} decided: not now.", who=talk.actor.name), done], title))
    return done
