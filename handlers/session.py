"""How Telegram is called: aiogram's session without what it repeats for every call."""

from functools import cache
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.methods import Response, TelegramMethod


class Session(AiohttpSession):
    """Keeps the models of answers, and closes at once where there is no TLS to wait for."""

    def check_response(self, bot: Bot, method: TelegramMethod[Any], status_code: int, content: str) -> Response[Any]:
        _answer_to(type(method))
        return super().check_response(bot, method, status_code, content)

    async def close(self) -> None:
        """Return once the connections are closed; TLS needs a moment, which aiogram grants."""
        if self.api.base.startswith("https:"):
            await super().close()
        elif self._session is not None:
            await self._session.close()


@cache
def _answer_to(kind: type[TelegramMethod[Any]]) -> type[Response[Any]]:
    """Return the model of an answer: pydantic forgets it, at some cost, unless somebody holds it."""
    return Response[kind.__returning__]  # type: ignore[name-defined]
