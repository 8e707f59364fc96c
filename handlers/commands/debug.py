"""/debug: for a while, runs write every call to the ERP and the platform into their log (CH-16)."""

from datetime import datetime, timedelta

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message
from dishka.integrations.aiogram import FromDishka, inject

from core.chat.model import Button
from core.errors import BadInput
from core.organisations.debugging import ShowDebug, SwitchDebug
from core.outbox.content import Choice
from core.texts import T, Text
from handlers.buttons import Tap
from handlers.middlewares.spoken import Named
from handlers.talk import Talk

_OFF = "off"
_OFFERED = (15, 60, 240, 1440)
_DIGITS = 5


def add_debug(router: Router) -> None:
    """Add /debug."""
    router.message(Named("debug"))(debug)


def debug_taps() -> Router:
    """Return the router of the buttons of /debug."""
    router = Router(name="debug")
    router.callback_query(Tap("debug"))(switch_tapped)
    return router


@inject
async def debug(
    _message: Message, command: CommandObject, talk: Talk, show: FromDishka[ShowDebug], switch: FromDishka[SwitchDebug]
) -> None:
    # Who may not switch it is told so whatever was typed.
    talk.actor.require(SwitchDebug.permission)
    wish = (command.args or "").strip().lower()
    if not wish:
        _offer(talk, await show(talk.actor))
        return
    if wish != _OFF and not wish.isdecimal():
        raise BadInput(T("How many minutes? For example /debug 60, or /debug off."))
    minutes = 0 if wish == _OFF else int(wish[:_DIGITS])
    talk.say(_said(await switch(talk.actor, None if wish == _OFF else timedelta(minutes=minutes))))


@inject
async def switch_tapped(_query: CallbackQuery, talk: Talk, button: Button, switch: FromDishka[SwitchDebug]) -> Text:
    minutes: int | None = button.arguments["minutes"]
    said = _said(await switch(talk.actor, None if minutes is None else timedelta(minutes=minutes)))
    talk.say(said)
    return said


def _offer(talk: Talk, until: datetime | None) -> None:
    state = T("🐞 On until {at}, then it turns itself off.", at=until) if until else T("⚪ Off.")
    about = T("While it is on, runs write every call to the ERP and the platform into their log: /logs")
    times = [Choice(T("{duration}", duration=timedelta(minutes=one)), "debug", {"minutes": one}) for one in _OFFERED]
    lines = [state, about, T("Turn it on for:") if until is None else T("From now on for:")]
    off = [Choice(T("Turn off"), "debug", {"minutes": None})] if until else []
    talk.say(*lines, title=T("🧾 Detailed log"), choices=[times[:2], times[2:], off])


def _said(until: datetime | None) -> Text:
    if until is None:
        return T("⚪ The detailed log is off.")
    return T("🐞 The detailed log is on until {at}, then it turns itself off.", at=until)
