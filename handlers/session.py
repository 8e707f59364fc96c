"""How Telegram is called: aiogram's session without what it repeats for every call."""

import asyncio
import math
import random
import ssl
import time
from functools import cache
from typing import Any

import certifi
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import ClientDecodeError, TelegramBadRequest, TelegramRetryAfter, TelegramServerError
from aiogram.methods import AnswerCallbackQuery, AnswerInlineQuery, Response, TelegramMethod
from aiohttp import TCPConnector

from core.chat.answered import Answered

_CONNECTIONS = 100
_NAMES_SECONDS = 3600
_PATIENCE_SECONDS = 10
_SCATTERED_SECONDS = 0.5


class Session(AiohttpSession):
    """Keeps the certificates and the models of answers, and closes at once where there is no TLS to wait for.

    A method that Telegram told to wait is left alone by everybody until then, unless its calls
    name a chat: those are paced by `handlers.delivery`. A query is answered once, also when a kill
    comes between the answer and the note that its update was handled; an answer that Telegram
    put off, or that never got behind its gateway, is given again while somebody may still wait for it.
    """

    def __init__(self, answered: Answered, **settings: Any) -> None:
        # The library's own would read all certificates again for every session.
        BaseSession.__init__(self, **settings)
        self._session = None
        self._connector_type = TCPConnector
        self._connector_init = {"ssl": _certificates(), "limit": _CONNECTIONS, "ttl_dns_cache": _NAMES_SECONDS}
        self._should_reset_connector = True
        self._proxy = None
        self._resting: dict[str, float] = {}
        self._answered = answered

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's own parameter
    ) -> Any:
        """Call Telegram. Raises without a call where the wait would be long, or the query was answered before."""
        if getattr(method, "chat_id", None) is not None:
            return await super().make_request(bot, method, timeout)
        young_until = time.monotonic() + _PATIENCE_SECONDS
        await self._rested(method, young_until)
        query = _query_of(method)
        if query is not None and not self._answered.note(query):
            raise TelegramBadRequest(method, "answered before")
        while True:
            try:
                return await super().make_request(bot, method, timeout)
            except TelegramRetryAfter as error:
                self._resting[method.__api_method__] = time.monotonic() + error.retry_after
                if query is None:
                    raise
            except (TelegramServerError, ClientDecodeError):
                if query is None or time.monotonic() > young_until:
                    raise
                await asyncio.sleep(random.uniform(_SCATTERED_SECONDS, 2 * _SCATTERED_SECONDS))  # noqa: S311 - jitter
            await self._rested(method, young_until)

    async def _rested(self, method: TelegramMethod[Any], until: float) -> None:
        """Wait until a method may be called again. Raises TelegramRetryAfter where that is after `until`."""
        while (left := self._resting.get(method.__api_method__, 0.0) - time.monotonic()) > 0:
            if time.monotonic() + left > until:
                raise TelegramRetryAfter(method, "Telegram told to wait before", math.ceil(left))
            # Not all who wait at the same moment: the first one may be told to wait again.
            await asyncio.sleep(left + random.uniform(0, _SCATTERED_SECONDS))  # noqa: S311 - jitter, no secret

    def check_response(self, bot: Bot, method: TelegramMethod[Any], status_code: int, content: str) -> Response[Any]:
        _answer_to(type(method))
        return super().check_response(bot, method, status_code, content)

    async def close(self) -> None:
        """Return once the connections are closed; TLS needs a moment, which aiogram grants."""
        if self.api.base.startswith("https:"):
            await super().close()
        elif self._session is not None:
            await self._session.close()


def _query_of(method: TelegramMethod[Any]) -> str | None:
    """Return the id of the query that a call answers."""
    match method:
        case AnswerCallbackQuery(callback_query_id=query) | AnswerInlineQuery(inline_query_id=query):
            return query
        case _:
            return None


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())


@cache
def _answer_to(kind: type[TelegramMethod[Any]]) -> type[Response[Any]]:
    """Return the model of an answer: pydantic forgets it, at some cost, unless somebody holds it."""
    return Response[kind.__returning__]  # type: ignore[name-defined]
