"""Taps: an opaque id becomes an action, if it is the right button in the right hand (X-3).

A tap is answered once and at once. What the action came to is the answer, when it is known
quickly; otherwise it follows as a message.
"""

import asyncio
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.exceptions import AiogramError
from aiogram.filters import Filter
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import CallbackQuery, Message, TelegramObject

from core.chat.buttons import FindButton, Found
from core.chat.model import Button
from core.errors import ChimeraError
from core.nursery import Nursery
from core.people.joining import ASK_ACCESS
from core.texts import T, Text
from handlers.apology import apology
from handlers.delivery.copies import COPY, Copies, bears
from handlers.formatting import BUTTON_PREFIX, TOAST, say, shorten
from handlers.middlewares.tracing import Handler
from handlers.middlewares.turns import ANSWERED, MOMENT
from handlers.middlewares.who import SPEAKER, VISITOR
from handlers.talk import Talk, Visitor

ANSWER_SECONDS = 0.7
_LOOKS, _LOOK_SECONDS = 6, 0.05
_CALL_SECONDS = 10

OUTDATED = T("This button is out of date. /menu starts afresh.")
_NOT_YOURS = T("This button is for somebody else.")
_TOO_SOON = T("One moment, please tap once more.")
_DONE = T("Done.")

log = structlog.get_logger(__name__)


class Tap(Filter):
    """Lets a handler have the taps of its actions."""

    def __init__(self, *actions: str) -> None:
        self._actions = actions

    async def __call__(self, _query: CallbackQuery, button: Button | None = None) -> bool:
        return button is not None and button.action in self._actions


class Taps(BaseMiddleware):
    """Finds the button, runs its handler (which returns the answer's text), and answers."""

    def __init__(self, find: FindButton, nursery: Nursery, copies: Copies) -> None:
        self._find = find
        self._nursery = nursery
        self._copies = copies

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, CallbackQuery) or not (event.data or "").startswith(BUTTON_PREFIX):
            return await handler(event, data)
        speaker: Talk | Visitor = data.get(SPEAKER) or data[VISITOR]
        found = await self._found((event.data or "").removeprefix(BUTTON_PREFIX))
        refusal = _refusal(event, speaker, found)
        if refusal is COPY and isinstance(event.message, Message):
            self._copies.take_away(event.message, speaker.translator)
        if refusal is not None or found is None:
            if ANSWERED not in data:
                await answer(event, speaker, refusal or OUTDATED)
            return None
        data["button"] = found.button
        work = self._nursery.start("tap", _outcome(handler, event, data))
        done, _ = await asyncio.wait({work}, timeout=ANSWER_SECONDS)
        seen = ANSWERED not in data and await answer(event, speaker, work.result() if done else MOMENT)
        if isinstance(speaker, Talk) and not (done and seen):
            outcome = await work
            if not speaker.replies:
                speaker.say(outcome)
        return None

    async def _found(self, button_id: str) -> Found | None:
        """Look a button up; a tap may be faster than the note that its message has arrived."""
        found = await self._find(button_id)
        for _ in range(_LOOKS):
            if found is None or found.message_id is not None:
                break
            await asyncio.sleep(_LOOK_SECONDS)
            found = await self._find(button_id)
        return found


async def _outcome(handler: Handler, event: CallbackQuery, data: dict[str, Any]) -> Text:
    """Run an action to its end and put into words what it came to, errors too."""
    try:
        result = await handler(event, data)
    except ChimeraError as error:
        return error.text
    except Exception:
        log.exception("tap_failed")
        return apology()
    if result is UNHANDLED:
        return OUTDATED
    return result if isinstance(result, Text) else _DONE


async def answer(query: CallbackQuery, speaker: Talk | Visitor, text: Text) -> bool:
    """Answer a tap. Returns False when it was too late for that (the bot was down, or slow)."""
    call = AnswerCallbackQuery(callback_query_id=query.id, text=shorten(say(speaker.aside, text), TOAST))
    if query.bot is None:
        return False
    try:
        await query.bot(call, request_timeout=_CALL_SECONDS)
    except AiogramError as error:
        log.warning("tap_unanswered", detail=str(error))
        return False
    return True


def _refusal(query: CallbackQuery, speaker: Talk | Visitor, found: Found | None) -> Text | None:
    """Say why a tap does not count, or None if it does. Strangers learn nothing."""
    if isinstance(speaker, Visitor) and (found is None or found.button.action != ASK_ACCESS):
        return _NOT_YOURS
    if found is None or query.message is None:
        return OUTDATED
    button = found.button
    if isinstance(speaker, Talk) and button.organisation_id != speaker.actor.organisation_id:
        return OUTDATED
    if button.chat_id != query.message.chat.id:
        return OUTDATED
    if button.telegram_id is not None and button.telegram_id != query.from_user.id:
        return _NOT_YOURS
    if found.message_id is None:
        return _TOO_SOON
    if found.message_id == query.message.message_id:
        return None
    return COPY if bears(query.message, query.data) else OUTDATED
