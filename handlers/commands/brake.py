"""/pause and /resume: the brake on all sending (CH-21)."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message
from dishka.integrations.aiogram import FromDishka, inject

from core.organisations.usecases import PauseSending, ResumeSending
from core.texts import T
from handlers.talk import Talk


def brake_router() -> Router:
    """Return the router of the brake."""
    router = Router(name="brake")
    router.message(Command("pause", ignore_case=True))(pause)
    router.message(Command("resume", ignore_case=True))(resume)
    return router


@inject
async def pause(_message: Message, talk: Talk, pause_sending: FromDishka[PauseSending]) -> None:
    if await pause_sending(talk.actor):
        talk.say(T("⏸ Sending is paused: nothing goes to any platform until /resume."))
    else:
        talk.say(T("⏸ Sending is paused already. /resume lets it go on."))


@inject
async def resume(_message: Message, talk: Talk, resume_sending: FromDishka[ResumeSending]) -> None:
    if await resume_sending(talk.actor):
        talk.say(T("▶️ Sending goes on. What was missed meanwhile: /sync"))
    else:
        talk.say(T("▶️ Sending is not paused."))
