"""Whose menu it is: every tap and typed word is held against it (X-3, `rules.md` 5).

The library's ids of open dialogs can be guessed. What counts is that person, chat,
organisation and message are those that the dialog was opened in; the role is read anew
at every update, and checked by the use cases.
"""

from enum import StrEnum
from typing import Any

from aiogram.types import CallbackQuery, TelegramObject
from aiogram_dialog.api.entities import ChatEvent, Context, Stack
from aiogram_dialog.api.protocols import StackAccessValidator

from handlers.formatting import BUTTON_PREFIX
from handlers.middlewares.tracing import Handler
from handlers.middlewares.who import SPEAKER
from handlers.talk import Talk

REFUSAL = "dialog_refusal"
GOING_HOME = "going_home"


class Refusal(StrEnum):
    """Why a dialog does not listen."""

    FOREIGN = "foreign"
    OUTDATED = "outdated"


class OutOfDate(Exception):
    """What is open was opened elsewhere: nothing is handled on top of it."""


class Guard(StackAccessValidator):
    """Lets an update at a dialog, or notes in its data why not."""

    async def is_allowed(self, stack: Stack, context: Context | None, event: ChatEvent, data: dict[str, Any]) -> bool:
        refusal = _refusal(stack, context, event, data)
        if refusal is not None:
            data[REFUSAL] = refusal
        return refusal is None


async def turn_away(handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
    """Stand behind the guard, before the handlers: they would find no dialogs at all. Raises OutOfDate."""
    if data.get(REFUSAL) is Refusal.OUTDATED:
        raise OutOfDate
    return await handler(event, data)


def _refusal(stack: Stack, context: Context | None, event: ChatEvent, data: dict[str, Any]) -> Refusal | None:
    talk = data.get(SPEAKER)
    if not isinstance(talk, Talk):
        return Refusal.FOREIGN
    if context is None or GOING_HOME in data:
        return None
    bound = context.access_settings
    if bound is None or talk.actor.telegram_id not in bound.user_ids:
        return Refusal.FOREIGN
    if (bound.custom or {}).get("organisation") != talk.actor.organisation_id:
        return Refusal.OUTDATED
    if isinstance(event, CallbackQuery) and not _on_its_message(event, stack):
        return Refusal.OUTDATED
    return None


def _on_its_message(query: CallbackQuery, stack: Stack) -> bool:
    """Tell whether a tap came from the message that shows the dialog; other buttons are none of it."""
    if (query.data or "").startswith(BUTTON_PREFIX):
        return True
    return query.message is not None and query.message.message_id == stack.last_message_id
