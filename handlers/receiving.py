"""What both ways of receiving share: who we are, waiting for the network, handling every update.

Updates come by asking (`handlers.polling`) or to our address (`handlers.webhook`).
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import Update, User
from pydantic import ValidationError

from core.chat.answered import Answered
from core.chat.inbox import Inbox, Kept
from core.db.database import StorageFailed
from core.errors import ChimeraError, StartError, TokenRefused
from core.nursery import Nursery
from core.texts import T
from handlers.middlewares.turns import NO_ANSWER_DUE, put_off

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "inline_query", "my_chat_member"]
CALL_SECONDS = 10
HANDLING_SECONDS = 1.0
"""How long what comes next waits for what was begun; a tap has had its answer by then, unless the database is slow."""
_FINISHING_SECONDS = 2.0
_LONGEST_WAIT = 15.0
_SHORTEST_REST, _LONGEST_REST = 0.5, 10.0

log = structlog.get_logger(__name__)

Feed = Callable[[Update], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Watching:
    """Seconds between two looks whether a webhook still stands, and until a newcomer is at home.

    Who was there first takes it back at its next look, so a newcomer must watch for longer.
    `given_up_after` is how long an update is tried that the database refuses to keep or settle.
    """

    every: float = 10.0
    settled_after: float = 25.0
    given_up_after: float = 300.0


@dataclass(frozen=True, slots=True)
class _Running:
    """An update that is being handled."""

    task: asyncio.Task[bool]
    update: Update


class Receiver(ABC):
    """Feeds updates until stopped. `online` tells whether Telegram reaches us, or we it."""

    mode: str

    def __init__(self, bot: Bot, feed: Feed, inbox: Inbox, answered: Answered, watching: Watching) -> None:
        self.bot = bot
        self.inbox = inbox
        self.watching = watching
        self.tasks = Nursery()
        self.stopping = asyncio.Event()
        self.online = False
        self._feed = feed
        self._answered = answered
        self._running: dict[int, _Running] = {}
        self._begun: set[int] = set()
        self._refused: dict[int, float] = {}
        self._all_kept_begun = False
        self._stopped_at: float | None = None
        self._failures = 0

    @abstractmethod
    async def prepare(self) -> None:
        """Tell Telegram how updates reach us. Raises what the call raises."""

    @abstractmethod
    async def run(self) -> None:
        """Receive until stopped. Raises StartError when another process uses the same token."""

    async def introduce(self) -> User | None:
        """Find out who the bot is, for as long as it takes; None when stopped meanwhile.

        Raises StartError only when Telegram says that the token is wrong: no network is not
        a bad token.
        """
        while not self.stopping.is_set():
            try:
                me = await self.bot.me()
                await self.prepare()
            except (TelegramUnauthorizedError, TelegramNotFound) as error:
                raise TokenRefused from error
            except AiogramError as error:
                await self.fail(error)
            else:
                self.succeed()
                return me
        return None

    def stop(self) -> None:
        """Take nothing more; `run` ends once what was received is handled."""
        self._stopped_at = _now()
        self.stopping.set()

    async def handle(self, updates: list[Update]) -> list[int]:
        """Begin with some updates, in their order, give them a while, and keep what takes longer.

        Returns those that the database neither settled nor kept: they must come again.
        """
        begun = {self.begin(update): update for update in updates}
        if not begun:
            return []
        await asyncio.wait(begun, timeout=HANDLING_SECONDS)
        in_hand = await asyncio.gather(*(self._in_hand(task, update) for task, update in begun.items()))
        return [update.update_id for update, known in zip(begun.values(), in_hand, strict=True) if not known]

    async def _in_hand(self, task: asyncio.Task[bool], update: Update) -> bool:
        """Tell whether an update is handled, or kept until it is."""
        number = update.update_id
        if task.done():
            return task.result()
        if number in self._begun:
            return True
        if not await self._put_by(update):
            return not self._tried_again(number)
        self._begun.add(number)
        self.tasks.start(f"kept {number}", self._forget(number, task))
        return True

    def begin(self, update: Update) -> asyncio.Task[bool]:
        """Handle an update; one that comes again meanwhile has its answer coming. False: it must come again."""
        number = update.update_id
        if number not in self._running:
            task = self.tasks.start(f"update {number}", self._feed_one(update))
            self._running[number] = _Running(task, update)
            task.add_done_callback(lambda _: self._running.pop(number))
        return self._running[number].task

    async def handle_kept(self) -> None:
        """Begin with what was confirmed, but not handled yet; what cannot be read now is asked for the next time."""
        try:
            kept = await self.inbox.waiting()
        except ChimeraError as error:
            log.warning("inbox_unreadable", detail=str(error))
            return
        self._all_kept_begun = True
        for one in kept:
            if one.update_id not in self._begun:
                self._begun.add(one.update_id)
                self.tasks.start(f"kept {one.update_id}", self._settle(one))

    async def handle_rest(self) -> None:
        """Begin with what is kept, unless all of it is in hand."""
        if not self._all_kept_begun:
            await self.handle_kept()

    async def rest(self) -> None:
        """Give a database that refuses a while, longer the longer it does so."""
        waited = max((_now() - since for since in self._refused.values()), default=0.0)
        await self.pause(min(max(waited, _SHORTEST_REST), _LONGEST_REST))

    async def finish(self) -> None:
        """Give what is being handled a last while; the next process handles what takes longer.

        That while begins with the stop: when messages are turned away, nothing must be waiting to be sent.
        """
        left = _FINISHING_SECONDS if self._stopped_at is None else self._stopped_at + _FINISHING_SECONDS - _now()
        if self._running:
            await asyncio.wait([one.task for one in self._running.values()], timeout=max(left, 0))
        for one in list(self._running.values()):
            await self._put_by(one.update)
        await self.tasks.close()

    async def fail(self, error: AiogramError) -> None:
        """Wait after a call that did not reach Telegram, longer each time."""
        self.online = False
        wait = min(0.5 * 2 ** min(self._failures, 10), _LONGEST_WAIT)
        self._failures += 1
        log.warning("telegram_unreachable", detail=str(error))
        await self.pause(wait)

    def succeed(self) -> None:
        self.online = True
        self._failures = 0

    async def pause(self, seconds: float) -> None:
        """Wait, but no longer than until the stop."""
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return

    async def _settle(self, kept: Kept) -> None:
        """Handle one update to its end, then forget it; a crash before that repeats it."""
        try:
            update = Update.model_validate_json(kept.body, context={"bot": self.bot})
        except ValidationError:
            log.warning("update_not_understood", update=kept.update_id)
            await self._forget(kept.update_id)
        else:
            await self._forget(kept.update_id, self.begin(update))

    async def _forget(self, update_id: int, handling: asyncio.Task[bool] | None = None) -> None:
        """Forget a kept update once it is handled; one that could not be settled is begun anew."""
        if handling is None or await handling:
            try:
                await self.inbox.done(update_id)
            except ChimeraError as error:
                log.warning("update_not_settled", update=update_id, detail=str(error))
        else:
            self._all_kept_begun = False
        self._begun.discard(update_id)

    async def _put_by(self, update: Update) -> bool:
        """Keep an update that was begun, before Telegram is told that it arrived.

        A tap that had its answer must get none from the process that goes on with it; one that a
        slow database kept waiting gets it there.
        """
        if update.callback_query is not None and self._answered.left(update.callback_query.id):
            answered = update.callback_query.model_copy(update={"id": NO_ANSWER_DUE})
            update = update.model_copy(update={"callback_query": answered})
        try:
            await self.inbox.put_by(update.update_id, update.model_dump_json(by_alias=True, exclude_unset=True))
        except ChimeraError as error:
            log.warning("update_not_kept", update=update.update_id, detail=str(error))
            return False
        return True

    async def _feed_one(self, update: Update) -> bool:
        try:
            await self._feed(update)
        except StorageFailed as error:
            # Hundreds may be in hand: one line, and a count. What is given up has its number told.
            log.warning("update_refused", detail=str(error))
            self._put_off(update)
            return not self._tried_again(update.update_id)
        except Exception:
            # The dispatcher's outermost boundary: one update never ends the receiving of others.
            log.exception("update_broke", update=update.update_id)
        self._refused.pop(update.update_id, None)
        return True

    def _put_off(self, update: Update) -> None:
        """Answer a tap that the database refuses for the first time: it may be back too late for that."""
        tap = update.callback_query
        if tap is not None and tap.id != NO_ANSWER_DUE and update.update_id not in self._refused:
            self.tasks.start("answer tap", put_off(tap))

    def _tried_again(self, number: int) -> bool:
        """Tell whether an update that the database refused is worth another try."""
        now = _now()
        if now - self._refused.setdefault(number, now) < self.watching.given_up_after:
            return True
        del self._refused[number]
        log.error("update_given_up", update=number)
        return False


def _now() -> float:
    return asyncio.get_running_loop().time()


def another_bot() -> StartError:
    """Return the error of a process that finds its token in use."""
    return StartError(T("Another bot runs with this token. Stop that one first, or use a token of its own."))
