"""The chat as one part of the process: receives, answers, delivers, draws."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Update
from aiogram.utils.token import TokenValidationError
from dishka import AsyncContainer

from core.chat.answered import Answered
from core.chat.commands import ShownCommands
from core.chat.inbox import Inbox
from core.chat.updates import Updates
from core.clock import Clock
from core.courtesy import Courtesy
from core.errors import ChimeraError, StartError
from core.nursery import Nursery
from core.outbox.cards import CardShelf
from core.outbox.closing import Chats
from core.outbox.queue import OutboxQueue
from core.outbox.reach import Reach
from core.outbox.wake import Wake
from core.texts import T, Text
from handlers.commands.lists import CommandLists
from handlers.delivery.cards import CardDrawer, Rhythm
from handlers.delivery.outbox import OutboxSender
from handlers.delivery.pacing import Pacer, Paces
from handlers.delivery.postman import CALL_SECONDS, Postman
from handlers.polling import Poller
from handlers.receiving import Receiver, Watching
from handlers.session import Session
from handlers.setup import build_dispatcher
from handlers.webhook import WebhookReceiver
from handlers.windows import Windows

_SWEEP_SECONDS = 3600.0
_QUIET_SECONDS = 3.0
_LAST_WORDS_SECONDS = 1.0
_SETTLE_SECONDS = 3.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast messages leave, cards and lists of commands change; tests are in more of a hurry than Telegram."""

    paces: Paces = field(default_factory=Paces)
    rhythm: Rhythm = field(default_factory=Rhythm)
    watching: Watching = field(default_factory=Watching)
    rest: float = 2.0


class ChatService:
    """Everything between Telegram and the use cases: `create` it, `run` it, `stop` it.

    Telegram may be out of reach all the while: what is to be said waits in the outbox.
    """

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        receiver: Receiver,
        updates: Updates,
        sender: OutboxSender,
        drawer: CardDrawer,
        commands: CommandLists,
        pacer: Pacer,
        answering: Nursery,
    ) -> None:
        self._bot = bot
        self.dispatcher = dispatcher
        self._updates = updates
        self._sender = sender
        self._drawer = drawer
        self._commands = commands
        self._pacer = pacer
        self._answering = answering
        self._receiver = receiver
        self._tasks = Nursery()
        self._quiet = asyncio.Event()
        self._quiet.set()

    @classmethod
    async def create(
        cls,
        token: str,
        api_base: str,
        container: AsyncContainer,
        *,
        clock_note: Text | None = None,
        tempo: Tempo | None = None,
        public_url: str | None = None,
        windows: Windows | None = None,
    ) -> "ChatService":
        """Put the parts together; Telegram is not called yet.

        `container` knows ChatProvider's parts, the use cases and Answered; `clock_note` stands on every
        card while the clock is turned. Updates are posted to `public_url`, or asked for without
        one. `windows` that no other chat uses need not be made anew. Raises StartError for what cannot be a token.
        """
        get, pace = container.get, tempo or Tempo()
        answered = await get(Answered)
        bot = _make_bot(token, api_base, answered)
        wake, pacer = await get(Wake), Pacer(pace.paces)
        postman = Postman(bot, pacer, await get(Chats), await get(Reach))
        answering = Nursery()
        dispatcher = await build_dispatcher(container, postman, answering, windows)
        courtesy = await get(Courtesy)

        async def feed(update: Update) -> None:
            with courtesy.serving():
                await dispatcher.feed_update(bot, update)

        inbox = await get(Inbox)
        receiver: Receiver = Poller(bot, feed, inbox, answered, pace.watching)
        if public_url is not None:
            receiver = WebhookReceiver(bot, feed, inbox, answered, public_url, pace.watching)
        return cls(
            bot,
            dispatcher,
            receiver,
            await get(Updates),
            OutboxSender(await get(OutboxQueue), postman, wake.listener()),
            CardDrawer(
                await get(CardShelf),
                postman,
                await get(Clock),
                wake.listener(),
                rhythm=pace.rhythm,
                clock_note=clock_note,
            ),
            CommandLists(bot, await get(ShownCommands), wake.listener(), rest=pace.rest),
            pacer,
            answering,
        )

    @property
    def online(self) -> bool:
        """Whether updates can reach us, as far as is known."""
        return self._receiver.online

    @property
    def mode(self) -> str:
        """How updates come: `polling` or `webhook`."""
        return self._receiver.mode

    @property
    def webhook(self) -> WebhookReceiver | None:
        """Who takes what Telegram posts; None while updates are asked for."""
        return self._receiver if isinstance(self._receiver, WebhookReceiver) else None

    async def run(self) -> None:
        """Receive and deliver until stopped.

        Raises StartError when Telegram refuses the token, or another bot uses it.
        """
        self._quiet.clear()
        delivering = (
            self._tasks.start("outbox", self._sender.run()),
            self._tasks.start("cards", self._drawer.run()),
        )
        self._tasks.start("sweeping", self._sweep())
        try:
            if await self._receiver.introduce() is not None:
                self._tasks.start("commands", self._commands.run())
                await self._receiver.run()
        finally:
            self._quiet.set()
        await asyncio.wait(delivering)

    async def stop_listening(self) -> None:
        """Receive nothing more; what was received is handled before this returns."""
        self._receiver.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(_QUIET_SECONDS):
                await self._quiet.wait()

    async def stop(self) -> None:
        """Say what can be said within a second, settle the calls under way, and close."""
        await self.stop_listening()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                await self._drawer.last_words()
                await self._sender.last_words()
        self._sender.stop()
        self._drawer.stop()
        self._pacer.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE_SECONDS):
                await self._sender.ended.wait()
                await self._drawer.ended.wait()
                await self._answering.settle()
        await self._answering.close()
        await self._tasks.close()
        await self._bot.session.close()

    async def _sweep(self) -> None:
        while True:
            try:
                await self._updates.sweep()
            except ChimeraError as error:
                log.warning("sweep_failed", detail=str(error))
            await asyncio.sleep(_SWEEP_SECONDS)


def _make_bot(token: str, api_base: str, answered: Answered) -> Bot:
    session = Session(answered, api=TelegramAPIServer.from_base(api_base), timeout=CALL_SECONDS)
    try:
        return Bot(token, session)
    except TokenValidationError as error:
        raise StartError(
            T("CHIMERA_BOT_TOKEN is no bot token. It looks like 123456789:AAF… and comes from @BotFather.")
        ) from error
