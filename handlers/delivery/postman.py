"""One call to Telegram, and what its failure means for the chat it went to."""

import random
from collections import defaultdict
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.methods import TelegramMethod
from aiogram.types import Message

from core.outbox.closing import Chats
from core.outbox.reach import Reach
from core.texts import Text
from handlers.delivery.pacing import Pacer
from handlers.delivery.troubles import Kind, Trouble, understand

CALL_SECONDS = 20
_LONGEST_WAIT = 15.0

log = structlog.get_logger(__name__)


class Postman:
    """Delivers for outbox and cards alike; keeps count of failures in a row, chat by chat."""

    def __init__(self, bot: Bot, pacer: Pacer, chats: Chats, reach: Reach) -> None:
        self._bot = bot
        self.pacer = pacer
        self._chats = chats
        self._reach = reach
        self._failures: defaultdict[int, int] = defaultdict(int)

    async def deliver(
        self,
        chat_id: int,
        method: TelegramMethod[Any],
        seconds: float = CALL_SECONDS,
        *,
        edited_in: int | None = None,
    ) -> int | Trouble:
        """Make the call (within its turn), which may take some seconds.

        `edited_in` is the topic of the message that the call edits: a send names its own.
        Returns the message's id, or the trouble.

        What concerns the whole chat, or topic, is dealt with here: waiting, moving, closing. Nothing
        is said any more to the old id of a group that has moved.
        """
        there = self._chats.moved_to(chat_id)
        if there is not None:
            moved = Trouble(Kind.MOVED, "the group has become a supergroup", chat_id=there)
            await self._settle(chat_id, moved)
            return moved
        try:
            message = await self._bot(method, request_timeout=int(seconds))
        except AiogramError as error:
            trouble = understand(error)
            note = self._reach.failed if trouble.kind is Kind.LATER else self._reach.answered
            note()
            if trouble.kind is not Kind.LATER:
                self._failures.pop(chat_id, None)
            await self._settle(chat_id, trouble)
            if trouble.kind is Kind.NO_TOPIC and trouble.text is not None:
                await self._close_topic(chat_id, method, edited_in, trouble.text)
            return trouble
        self._reach.answered()
        self._failures.pop(chat_id, None)
        return message.message_id if isinstance(message, Message) else 0

    async def _settle(self, chat_id: int, trouble: Trouble) -> None:
        match trouble.kind:
            case Kind.LATER:
                # It concerns all chats alike: one line, and a count.
                log.warning("telegram_failed", detail=trouble.detail)
            case Kind.SAME:
                pass
            case _:
                log.warning("delivery_failed", chat=chat_id, kind=trouble.kind, detail=trouble.detail)
        match trouble.kind:
            case Kind.LATER:
                self.pacer.hold(chat_id, self._back_off(chat_id))
            case Kind.FLOOD:
                self.pacer.flooded(chat_id, trouble.seconds)
            case Kind.MOVED:
                await self._chats.move(chat_id, trouble.chat_id)
            case Kind.GONE if trouble.text is not None:
                await self._chats.close(chat_id, trouble.text)
            case _:
                pass

    async def _close_topic(
        self, chat_id: int, method: TelegramMethod[Any], edited_in: int | None, reason: Text
    ) -> None:
        sent = hasattr(method, "message_thread_id")
        # An edit does not name its topic: where nobody knows it, none is given up.
        if sent or edited_in is not None:
            await self._chats.close_topic(chat_id, getattr(method, "message_thread_id", edited_in), reason)

    def _back_off(self, chat_id: int) -> float:
        """Half a second, then twice as long each time up to 15 s, a little scattered."""
        seconds: float = min(0.5 * 2 ** min(self._failures[chat_id], 10), _LONGEST_WAIT)
        self._failures[chat_id] += 1
        return seconds * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, no secret
