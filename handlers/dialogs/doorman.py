"""What becomes of taps that no open dialog has: home with one line, and no right with it.

Also mends a person's dialogs that cannot be read any more (too old, or of an older version).
"""

import asyncio
from typing import Any

from aiogram import BaseMiddleware, Router
from aiogram.fsm.storage.base import BaseEventIsolation
from aiogram.types import CallbackQuery, Message, TelegramObject
from aiogram_dialog import DialogManager
from aiogram_dialog.api.entities import EVENT_CONTEXT_KEY, EventContext
from aiogram_dialog.api.exceptions import (
    OutdatedIntent,
    UnknownIntent,
    UnknownState,
    UnregisteredDialogError,
    UnregisteredWindowError,
)
from aiogram_dialog.context.storage import StorageProxy

from core.nursery import Nursery
from core.texts import T, Text
from handlers.buttons import OUTDATED
from handlers.dialogs.area import StaleButton
from handlers.dialogs.guard import GOING_HOME, REFUSAL, OutOfDate, Refusal
from handlers.dialogs.menu import Menu
from handlers.dialogs.places import Home
from handlers.dialogs.tapped import TAPPED, Tapped
from handlers.formatting import BUTTON_PREFIX
from handlers.middlewares.once import CUT_OFF
from handlers.middlewares.tracing import Handler
from handlers.middlewares.turns import ANSWERED
from handlers.middlewares.who import SPEAKER, VISITOR
from handlers.talk import Talk

STALE = (
    OutdatedIntent,
    UnknownIntent,
    UnknownState,
    UnregisteredDialogError,
    UnregisteredWindowError,
    StaleButton,
    OutOfDate,
)
_DOUBLE_TAP_SECONDS = 2.0
_NOT_YOURS = T("This menu is somebody else's. /menu opens yours.")
_AWAY = T("This menu is out of date. /menu opens a fresh one.")
_MOVED = T("That button was out of date, so here is the menu afresh.")
_DONE = T("I was restarted just as that took effect. It counts once; here is the menu afresh.")


class Doorman(BaseMiddleware):
    """Stands before the dialogs, for messages and taps."""

    def __init__(self, isolation: BaseEventIsolation, nursery: Nursery) -> None:
        self._isolation = isolation
        self._nursery = nursery
        self._taps: dict[tuple[int, int], tuple[str, float]] = {}
        self._led: dict[tuple[int, int], float] = {}

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if isinstance(event, CallbackQuery) and not (event.data or "").startswith(BUTTON_PREFIX):
            return await self._tap(handler, event, data)
        if isinstance(event, Message) and data.get(CUT_OFF):
            data[GOING_HOME] = _DONE
        return await self._mended(handler, event, data)

    async def _mended(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Handle an update; if the person's dialogs are beyond reading, without them."""
        attempt = dict(data)
        try:
            return await handler(event, attempt)
        except STALE:
            await self._forget(attempt)
        return await handler(event, data)

    async def _tap(self, handler: Handler, query: CallbackQuery, data: dict[str, Any]) -> Any:
        speaker = data.get(SPEAKER) or data[VISITOR]
        tapped = data[TAPPED] = Tapped(query, speaker, self._nursery, answered=ANSWERED in data)
        if data.get(CUT_OFF):
            tapped.answer()
            return await self._lead_home(handler, query, data, _DONE)
        attempt = dict(data)
        try:
            result = await handler(query, attempt)
            refusal = attempt.get(REFUSAL)
        except STALE:
            result, refusal = None, attempt.get(REFUSAL, Refusal.OUTDATED)
        double = self._double(query)
        if refusal is None:
            return result
        if refusal is Refusal.FOREIGN or not isinstance(speaker, Talk):
            tapped.answer(_NOT_YOURS, alert=True)
        elif double:
            tapped.answer()
        elif speaker.private and self._just_led_home(query):
            tapped.answer(OUTDATED)
        elif speaker.private:
            tapped.answer(OUTDATED)
            await self._lead_home(handler, query, data, _MOVED)
            self._led[_place(query)] = asyncio.get_running_loop().time()
        else:
            tapped.answer(_AWAY, alert=True)
        return None

    async def _lead_home(self, handler: Handler, query: CallbackQuery, data: dict[str, Any], why: Text) -> Any:
        return await self._mended(handler, query.model_copy(update={"data": ""}), {**data, GOING_HOME: why})

    def _double(self, query: CallbackQuery) -> bool:
        """Tell whether a tap is the second half of a double tap, whose first half led elsewhere."""
        now = asyncio.get_running_loop().time()
        self._taps = {key: tap for key, tap in self._taps.items() if now - tap[1] < _DOUBLE_TAP_SECONDS}
        key = _place(query)
        before = self._taps.get(key)
        self._taps[key] = (query.data or "", now)
        return before is not None and before[0] == query.data

    def _just_led_home(self, query: CallbackQuery) -> bool:
        """Tell whether home was opened a moment ago: a burst of old buttons opens it once, and none waits for it."""
        now = asyncio.get_running_loop().time()
        self._led = {place: at for place, at in self._led.items() if now - at < _DOUBLE_TAP_SECONDS}
        return _place(query) in self._led

    async def _forget(self, data: dict[str, Any]) -> None:
        where: EventContext = data[EVENT_CONTEXT_KEY]
        proxy = StorageProxy(
            storage=data["fsm_storage"],
            events_isolation=self._isolation,
            user_id=where.user.id,
            chat_id=where.chat.id,
            thread_id=where.thread_id,
            business_connection_id=None,
            bot=where.bot,
            state_groups={},
        )
        await proxy.remove_stack("")


def _place(query: CallbackQuery) -> tuple[int, int]:
    return query.message.chat.id if query.message else 0, query.from_user.id


def add_door(router: Router) -> None:
    """Lead home whoever the doorman sends, before anything else in the router."""
    router.callback_query(_sent_home)(_go_home)
    router.message(_sent_home)(_go_home)


async def _sent_home(_event: TelegramObject, *, going_home: Text | None = None) -> bool:
    return going_home is not None


async def _go_home(event: CallbackQuery | Message, dialog_manager: DialogManager, going_home: Text) -> None:
    """Show the home menu: in the tapped message if that is the menu, else in a new one."""
    menu = Menu(dialog_manager)
    menu.note(going_home)
    tapped = event.message if isinstance(event, CallbackQuery) else None
    if tapped is not None and tapped.message_id == dialog_manager.current_stack().last_message_id:
        await menu.home()
    else:
        await menu.anew(Home.main)
