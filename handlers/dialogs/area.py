"""A dialog of Chimera: answers taps at once, listens only when asked to, survives errors."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import ChatEvent, Dialog, DialogManager
from aiogram_dialog.api.entities import Data
from aiogram_dialog.context.intent_filter import IntentFilter
from aiogram_dialog.utils import remove_intent_id

from core.errors import BadInput, ChimeraError
from handlers.dialogs.menu import MENUS, Menu
from handlers.dialogs.messages import MenuMessages
from handlers.dialogs.tapped import TAPPED

Handle = Callable[[Any, DialogManager], Awaitable[None]]


_HIGHEST = 2**31 - 1
"""The last number that a row can have in every database."""


class StaleButton(Exception):
    """A tap on something that the open window does not have."""


def number_tapped(text: str) -> int:
    """Return the number of what a button stands for. Raises StaleButton for what was never on one."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(_HIGHEST)) else _HIGHEST + 1
    if number > _HIGHEST:
        raise StaleButton
    return number


class Area(Dialog):
    """Windows that belong together. What a use case refuses stands above the window then."""

    async def process_start(self, manager: DialogManager, start_data: Data, state: State | None = None) -> None:
        _name(manager)
        first = state or self.states()[0]
        await manager.switch_to(first)
        menu = Menu(manager)
        menu.data.update(menu.given, entry=first.state)
        await menu.recall()
        await self._process_callback(self.on_start, start_data, manager)

    def _setup_filter(self) -> None:
        """Filter what the dialog handles: the library's own does it for every kind of update, which takes long."""
        opened = IntentFilter(aiogd_intent_state_group=self.states_group())
        for observer in (self.message, self.callback_query, self.business_message):
            observer.filter(opened)

    async def _message_handler(self, message: Message, dialog_manager: DialogManager) -> None:
        window = await self._current_window(dialog_manager)
        stack = dialog_manager.current_stack()
        before = stack.last_message_id
        private = Menu(dialog_manager).talk.private
        # In a group people talk to each other: only an answer to the menu is meant for it.
        meant = private or (message.reply_to_message is not None and message.reply_to_message.message_id == before)
        if getattr(window, "on_message", None) is None or not meant:
            raise SkipHandler
        await _kept_open(self._written, message, dialog_manager)
        if before is not None and stack.last_message_id != before:
            retired: MenuMessages = dialog_manager.middleware_data[MENUS]
            retired.retire(message.chat.id, before)

    async def _written(self, message: Message, manager: DialogManager) -> None:
        """Let the window have a message; what it does not take is left to whoever comes after the windows."""
        context = manager.current_context()
        window = await self._current_window(manager)
        if not await window.process_message(message, self, manager):
            raise SkipHandler
        if manager.has_context() and manager.current_context() == context:
            await manager.show()

    async def _callback_handler(self, callback: CallbackQuery, dialog_manager: DialogManager) -> None:
        intent, data = remove_intent_id(callback.data or "")
        if intent != dialog_manager.current_context().id:
            raise StaleButton
        dialog_manager.middleware_data[TAPPED].answer()
        await _kept_open(self._tapped, callback.model_copy(update={"data": data}), dialog_manager)

    async def _tapped(self, callback: CallbackQuery, manager: DialogManager) -> None:
        context = manager.current_context()
        window = await self._current_window(manager)
        if not await window.process_callback(callback, self, manager):
            raise StaleButton
        if manager.has_context() and manager.current_context() == context:
            await manager.show()


def _name(manager: DialogManager) -> None:
    """Give a new dialog an id that no other has.

    The library's is made of the second and one of a hundred numbers. Two dialogs that were opened
    within a second may share one, and the lower one is lost when the upper one closes.
    """
    fresh = secrets.token_urlsafe(6)
    manager.current_stack().intents[-1] = fresh
    manager.current_context()._intent_id = fresh  # noqa: SLF001 - the library makes it, and has no public way to set it


async def _kept_open(handle: Handle, event: ChatEvent, manager: DialogManager) -> None:
    """Handle an update; an error of ours is said above the window, or above home if that is where it came from."""
    try:
        await handle(event, manager)
    except ChimeraError as error:
        menu = Menu(manager)
        menu.note(error.text, *(error.problems if isinstance(error, BadInput) else ()))
        try:
            await manager.show()
        except ChimeraError:
            await menu.home()
