"""Receiving updates: who we are, whether we are alone, and every update handled (CH-14).

An own loop rather than the library's: it waits for the network from the start on, awaits
what it began when it stops, and asks for the next updates (which confirms the last ones)
only once those were handled, as long as that does not take too long.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramConflictError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import DeleteWebhook, GetUpdates
from aiogram.types import Update, User

from core.errors import StartError
from core.nursery import Nursery
from core.texts import T

ALLOWED_UPDATES = ["message", "callback_query", "inline_query", "my_chat_member"]
POLL_SECONDS = 30
_PROBE_SECONDS = 2
_ALONE_AFTER = 1.0
_SETTLED_AFTER = 10.0
_ELBOW_SECONDS = 0.3
_HANDLING_SECONDS = 2.0
_CALL_SECONDS = 10
_LONGEST_WAIT = 15.0

log = structlog.get_logger(__name__)

Feed = Callable[[Update], Awaitable[object]]


class Poller:
    """Feeds updates until stopped. `online` tells whether the last call reached Telegram."""

    def __init__(self, bot: Bot, feed: Feed) -> None:
        self._bot = bot
        self._feed = feed
        self._tasks = Nursery()
        self._running: set[asyncio.Task[object]] = set()
        self._stopping = asyncio.Event()
        self._alone = False
        self._failures = 0
        self.online = False

    async def introduce(self) -> User | None:
        """Find out who the bot is, for as long as it takes; None when stopped meanwhile.

        Raises StartError only when Telegram says that the token is wrong: no network is not
        a bad token.
        """
        while not self._stopping.is_set():
            try:
                await self._bot(DeleteWebhook(drop_pending_updates=False), request_timeout=_CALL_SECONDS)
                me = await self._bot.me()
            except (TelegramUnauthorizedError, TelegramNotFound) as error:
                raise StartError(
                    T("Telegram refused the bot token. Copy it again from @BotFather into CHIMERA_BOT_TOKEN.")
                ) from error
            except AiogramError as error:
                await self._fail(error)
            else:
                self._succeed()
                return me
        return None

    async def run(self) -> None:
        """Receive until stopped. Raises StartError when another process uses the same token."""
        call = GetUpdates(offset=None, timeout=_PROBE_SECONDS, allowed_updates=ALLOWED_UPDATES)
        begun = _now()
        while not self._stopping.is_set():
            asked = _now()
            updates = await self._ask(call)
            if updates is None:
                continue
            # A first answer may come at once because updates waited; only a poll that was left
            # in peace for a while shows that nobody else asks.
            self._alone = self._alone or _now() - asked >= _ALONE_AFTER or _now() - begun >= _SETTLED_AFTER
            call.timeout = POLL_SECONDS if self._alone else _PROBE_SECONDS
            await self._handle(updates)
            if updates:
                call.offset = updates[-1].update_id + 1
        await self._finish()

    def stop(self) -> None:
        """Ask for nothing more; `run` ends once what was received is handled."""
        self._stopping.set()

    async def _ask(self, call: GetUpdates) -> list[Update] | None:
        """Ask once, but no longer than until the stop. None means: nothing was learnt, ask again."""
        asking = self._tasks.start("get_updates", self._call(call))
        stopping = self._tasks.start("stopping", self._stopping.wait())
        await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not asking.done():
            asking.cancel()
            return None
        match asking.result():
            case TelegramConflictError() as error:
                await self._conflict(error)
            case AiogramError() as error:
                await self._fail(error)
            case updates:
                self._succeed()
                return list(updates)
        return None

    async def _call(self, call: GetUpdates) -> list[Update] | AiogramError:
        try:
            return await self._bot(call, request_timeout=(call.timeout or 0) + _CALL_SECONDS)
        except AiogramError as error:
            return error

    async def _conflict(self, error: TelegramConflictError) -> None:
        """Leave to the bot that was there first; if that is us, go on and say so."""
        if not self._alone:
            raise StartError(
                T("Another bot runs with this token. Stop that one first, or use a token of its own.")
            ) from error
        log.warning("another_bot_asks_for_updates", detail=error.message)
        # Shorter than a newcomer's first poll, so that it is the newcomer who notices and leaves.
        await self._pause(_ELBOW_SECONDS)

    async def _handle(self, updates: list[Update]) -> None:
        for update in updates:
            task = self._tasks.start(f"update {update.update_id}", self._feed_one(update))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        if self._running:
            await asyncio.wait(self._running, timeout=_HANDLING_SECONDS)

    async def _feed_one(self, update: Update) -> None:
        try:
            await self._feed(update)
        except Exception:
            # The dispatcher's outermost boundary: one update never ends the receiving of others.
            log.exception("update_broke", update=update.update_id)

    async def _finish(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=_HANDLING_SECONDS)
        await self._tasks.close()

    async def _fail(self, error: AiogramError) -> None:
        self.online = False
        wait = min(0.5 * 2 ** min(self._failures, 10), _LONGEST_WAIT)
        self._failures += 1
        log.warning("telegram_unreachable", detail=str(error), wait=wait)
        await self._pause(wait)

    def _succeed(self) -> None:
        self.online = True
        self._failures = 0

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def _now() -> float:
    return asyncio.get_running_loop().time()
