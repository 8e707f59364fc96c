"""Ways that an update takes only where they may lead to its handler.

The library builds the whole way into every router before it asks whether anything in there wants
the update. With all routers and dialogs in a row, that would take longer than drawing a window.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import Message, TelegramObject
from aiogram_dialog import Dialog
from aiogram_dialog.api.internal import CONTEXT_KEY

Takes = Callable[[TelegramObject, Mapping[str, Any]], bool]


class Branch(Router):
    """Routers that have something in common: without it, none of them is asked."""

    def __init__(self, name: str, takes: Takes, *routers: Router) -> None:
        super().__init__(name=name)
        self._takes = takes
        self.include_routers(*routers)

    async def propagate_event(self, update_type: str, event: TelegramObject, **kwargs: Any) -> Any:
        if not self._takes(event, kwargs):
            return UNHANDLED
        return await super().propagate_event(update_type, event, **kwargs)


class Dialogs(Router):
    """All dialogs. Only the one that is open is asked: each listens to its own windows alone."""

    def __init__(self, dialogs: Iterable[Dialog]) -> None:
        super().__init__(name="dialogs")
        self._dialogs = {dialog.states_group(): dialog for dialog in dialogs}
        self.include_routers(*self._dialogs.values())

    async def propagate_event(self, update_type: str, event: TelegramObject, **kwargs: Any) -> Any:
        context = kwargs.get(CONTEXT_KEY)
        dialog = self._dialogs.get(context.state.group) if context else None
        return await dialog.propagate_event(update_type, event, **kwargs) if dialog else UNHANDLED


def is_message(event: TelegramObject, _data: Mapping[str, Any]) -> bool:
    return isinstance(event, Message)


def is_button(_event: TelegramObject, data: Mapping[str, Any]) -> bool:
    """Tell whether a tap is on a button of ours, not of a window."""
    return data.get("button") is not None
