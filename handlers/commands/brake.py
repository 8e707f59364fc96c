"""/pause and /resume: the brake on all sending (CH-21)."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message
from dishka.integrations.aiogram import FromDishka, inject

from core.stores.pausing import PauseNamed, ScopeReach
from core.texts import T
from handlers.menu.brake.actions import PAUSED, RESUMED
from handlers.middlewares.spoken import Named
from handlers.talk import Talk


def add_brake(router: Router) -> None:
    """Add the brake."""
    router.message(Named("pause"))(pause)
    router.message(Named("resume"))(resume)


@inject
async def pause(_message: Message, command: CommandObject, talk: Talk, pause_named: FromDishka[PauseNamed]) -> None:
    found = await pause_named(talk.actor, command.args or "", paused=True)
    if found.reach is not ScopeReach.CHAIN:
        talk.say(T("⏸ {name}: nothing is sent there until it is resumed: /resume {name}", name=found.name))
    elif found.paused:
        talk.say(T("⏸ Sending is paused already. /resume lets it go on."))
    else:
        talk.say(PAUSED)


@inject
async def resume(_message: Message, command: CommandObject, talk: Talk, pause_named: FromDishka[PauseNamed]) -> None:
    found = await pause_named(talk.actor, command.args or "", paused=False)
    if not found.paused and found.reach is ScopeReach.CHAIN:
        talk.say(T("▶️ Sending is not paused."))
    elif not found.paused:
        talk.say(T("▶️ {name}: nothing was paused there.", name=found.name))
    else:
        talk.say(RESUMED)
