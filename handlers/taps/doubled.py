"""The second half of a double tap, which shall add nothing."""

import asyncio
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject

from core.chat.model import Button
from core.texts import T, Text
from handlers.middlewares.tracing import Handler

BELOW = T("It is below.")
HERE = T("Here it is.")
_AGAIN_SECONDS = 5.0


class Doubled:
    """Remembers taps for a few seconds."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}

    def __call__(self, button: Button, person: int | None = None, drawn: str | None = None) -> bool:
        """Tell whether the button was tapped just before.

        By that `person`, where each gets an answer; on a message that said what is `drawn`, where it changes by itself.
        """
        now = asyncio.get_running_loop().time()
        self._seen = {key: at for key, at in self._seen.items() if now - at < _AGAIN_SECONDS}
        return now != self._seen.setdefault(f"{button.id}:{person}:{drawn}", now)


class OnceOnly(BaseMiddleware):
    """Answers the second half of a double tap as the first half was, without doing anything again.

    `living` messages change by themselves: a tap on what one shows by then is no second half.
    """

    def __init__(self, answer: Text, *, living: bool = False) -> None:
        self._answer = answer
        self._living = living
        self._doubled = Doubled()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        drawn = _drawn(event) if self._living else None
        return self._answer if self._doubled(data["button"], drawn=drawn) else await handler(event, data)


def _drawn(event: TelegramObject) -> str | None:
    """Return what the message that was tapped said."""
    message = event.message if isinstance(event, CallbackQuery) else None
    return message.text if isinstance(message, Message) else None
