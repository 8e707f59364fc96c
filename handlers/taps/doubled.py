"""The second half of a double tap, which shall add nothing."""

import asyncio
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject

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

    def __call__(self, button: Button, person: int | None = None) -> bool:
        """Tell whether the button was tapped just before (by that person, where each gets an answer)."""
        now = asyncio.get_running_loop().time()
        self._seen = {key: at for key, at in self._seen.items() if now - at < _AGAIN_SECONDS}
        return now != self._seen.setdefault(f"{button.id}:{person}", now)


class OnceOnly(BaseMiddleware):
    """Answers the second half of a double tap as the first half was, without doing anything again."""

    def __init__(self, answer: Text) -> None:
        self._answer = answer
        self._doubled = Doubled()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        return self._answer if self._doubled(data["button"]) else await handler(event, data)
