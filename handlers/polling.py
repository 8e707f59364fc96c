"""Receiving by asking Telegram: alone, and every update handled (CH-14).

An own loop rather than the library's: it waits for the network from the start on, awaits
what it began when it stops, and asks for the next updates (which confirms the last ones)
only once those were handled, or kept where that takes too long; what the database refuses
for a while is asked for again. What a stop cuts off on its
way here is asked for once more: a tap is answered by the process that it was handed to.
"""

import asyncio

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramConflictError
from aiogram.methods import DeleteWebhook, GetUpdates, GetWebhookInfo
from aiogram.types import Update

from core.chat.answered import Answered
from core.chat.inbox import Inbox
from handlers.receiving import ALLOWED_UPDATES, CALL_SECONDS, Feed, Receiver, Watching, another_bot

POLL_SECONDS = 30
_PROBE_SECONDS = 2
_ALONE_AFTER = 1.0
_SETTLED_AFTER = 10.0
_ELBOW_SECONDS = 0.3
_LAST_SECONDS = 1
_LAST_LOOKS = 5

log = structlog.get_logger(__name__)


class Poller(Receiver):
    """Asks for updates, one long call after the other."""

    mode = "polling"

    def __init__(self, bot: Bot, feed: Feed, inbox: Inbox, answered: Answered, watching: Watching) -> None:
        super().__init__(bot, feed, inbox, answered, watching)
        self._alone = False
        self._wary_until = 0.0
        self._asking: asyncio.Timeout | None = None

    def stop(self) -> None:
        """Take nothing more; a call under way is cut off."""
        asking = None if self.stopping.is_set() else self._asking
        super().stop()
        if asking is not None:
            asking.reschedule(_now())

    async def prepare(self) -> None:
        """Take down a webhook that was there before; what waits for it is asked for.

        It may be that of a bot at work, which will set it again: then it is for us to leave.
        """
        info = await self.bot(GetWebhookInfo(), request_timeout=CALL_SECONDS)
        if info.url and not self._alone:
            self._wary_until = _now() + self.watching.settled_after
        await self.bot(DeleteWebhook(drop_pending_updates=False), request_timeout=CALL_SECONDS)

    async def run(self) -> None:
        """Receive until stopped. Raises StartError when another process uses the same token."""
        call = GetUpdates(offset=None, timeout=_PROBE_SECONDS, allowed_updates=ALLOWED_UPDATES)
        begun = _now()
        while not self.stopping.is_set():
            # What was posted to our address before updates were asked for was confirmed: it comes from nowhere else.
            await self.handle_rest()
            asked = _now()
            updates = await self._ask(call)
            if updates is None:
                continue
            # A first answer may come at once because updates waited; only a poll that was left
            # in peace for a while shows that nobody else asks.
            quiet = _now() - asked >= _ALONE_AFTER or _now() - begun >= _SETTLED_AFTER
            self._alone = self._alone or (quiet and _now() >= self._wary_until)
            call.timeout = POLL_SECONDS if self._alone else _PROBE_SECONDS
            await self._take(call, updates)
        await self._look_last(call)
        await self.finish()

    async def _take(self, call: GetUpdates, updates: list[Update]) -> bool:
        """Handle some updates; the next time the call is made, it confirms those before the first that failed."""
        failed = await self.handle(updates)
        if failed:
            call.offset = min(failed)
            await self.rest()
        elif updates:
            call.offset = updates[-1].update_id + 1
        return not failed

    async def _look_last(self, call: GetUpdates) -> None:
        """Take what the call that a stop cut off was bringing, and confirm it; nothing is asked for after that."""
        call.timeout = 0
        for _ in range(_LAST_LOOKS if self.online else 0):
            match await self._call(call, _LAST_SECONDS):
                case [_, *_] as updates if await self._take(call, updates):
                    pass
                case _:
                    return

    async def _ask(self, call: GetUpdates) -> list[Update] | None:
        """Ask once, but no longer than until the stop. None means: nothing was learnt, ask again.

        No task of its own makes the call: each hand-over takes rounds of the loop, and beside a sync those are long.
        """
        if self.stopping.is_set():
            return None
        try:
            async with asyncio.timeout(None) as self._asking:
                answer = await self._call(call, (call.timeout or 0) + CALL_SECONDS)
        except TimeoutError:
            return None
        finally:
            self._asking = None
        match answer:
            case TelegramConflictError() as error:
                await self._conflict(error)
            case AiogramError() as error:
                await self.fail(error)
            case updates:
                self.succeed()
                return list(updates)
        return None

    async def _call(self, call: GetUpdates, seconds: int) -> list[Update] | AiogramError:
        try:
            return await self.bot(call, request_timeout=seconds)
        except AiogramError as error:
            return error

    async def _conflict(self, error: TelegramConflictError) -> None:
        """Leave to the bot that was there first; if that is us, go on and say so."""
        if not self._alone:
            raise another_bot() from error
        log.warning("another_bot_asks_for_updates", detail=error.message)
        if "webhook" in error.message.lower():
            await self._take_back()
        # Shorter than a newcomer's first poll, so that it is the newcomer who notices and leaves.
        await self.pause(_ELBOW_SECONDS)

    async def _take_back(self) -> None:
        """Take down the webhook of a newcomer, which looks after a while whether it still stands."""
        try:
            await self.prepare()
        except AiogramError as error:
            await self.fail(error)


def _now() -> float:
    return asyncio.get_running_loop().time()
