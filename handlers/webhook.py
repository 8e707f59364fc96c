"""Receiving at our own address: Telegram posts, we keep, answer at once, and handle in order.

What was taken is in the database before it is confirmed, so a kill in between loses nothing;
what comes again is taken and not handled again.
"""

import asyncio
import hashlib
import hmac

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.methods import GetWebhookInfo, SetWebhook
from aiogram.types import WebhookInfo

from core.chat.answered import Answered
from core.chat.inbox import Inbox
from core.errors import ChimeraError
from handlers.receiving import ALLOWED_UPDATES, CALL_SECONDS, Feed, Receiver, Watching, another_bot

WEBHOOK_PATH = "/telegram/webhook"
_AGAIN_SECONDS = 5.0

log = structlog.get_logger(__name__)


class WebhookReceiver(Receiver):
    """Sets the webhook, watches over it, and handles what was taken."""

    mode = "webhook"

    def __init__(
        self, bot: Bot, feed: Feed, inbox: Inbox, answered: Answered, public_url: str, watching: Watching
    ) -> None:
        super().__init__(bot, feed, inbox, answered, watching)
        self._arrived = asyncio.Event()
        self.url = public_url.rstrip("/") + WEBHOOK_PATH
        self.secret = secret_of(bot.token)

    async def prepare(self) -> None:
        """Set the webhook; what waited for another way of receiving comes here."""
        call = SetWebhook(
            url=self.url, secret_token=self.secret, allowed_updates=ALLOWED_UPDATES, drop_pending_updates=False
        )
        await self.bot(call, request_timeout=CALL_SECONDS)

    async def take(self, update_id: int, body: str) -> bool:
        """Keep an update that was posted. False when that is not possible now: it comes again."""
        if self.stopping.is_set():
            return False
        try:
            new = await self.inbox.keep(update_id, body)
            if new and self.stopping.is_set():
                # Nobody looks at what is kept any more, and the next process shall get it as soon as it asks.
                await self.inbox.done(update_id)
                return False
        except ChimeraError as error:
            log.warning("update_not_kept", detail=str(error))
            return False
        self._arrived.set()
        return True

    async def run(self) -> None:
        """Handle what is taken until stopped. Raises StartError when the address was taken over at the start."""
        watching = self.tasks.start("webhook", self._watch())
        try:
            while not self.stopping.is_set():
                self._arrived.clear()
                await self.handle_kept()
                await self._next(watching)
                if watching.done():
                    watching.result()
            # Taken before the stop, so it is for this process to answer.
            await self.handle_kept()
        finally:
            await self.finish()

    def stop(self) -> None:
        super().stop()
        self._arrived.set()

    async def _next(self, watching: asyncio.Task[None]) -> None:
        """Wait for the next update, the stop, or the end of watching."""
        arriving = self.tasks.start("arriving", self._arrived.wait())
        await asyncio.wait({arriving, watching}, timeout=_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        arriving.cancel()

    async def _watch(self) -> None:
        """Look again and again whether Telegram still knows our address and reaches it."""
        begun = asyncio.get_running_loop().time()
        while True:
            await self.pause(self.watching.every)
            if self.stopping.is_set():
                return
            try:
                info = await self.bot(GetWebhookInfo(), request_timeout=CALL_SECONDS)
                if info.url != self.url:
                    if asyncio.get_running_loop().time() - begun <= self.watching.settled_after:
                        raise another_bot()
                    log.warning("another_bot_took_the_webhook", url=info.url)
                    await self.prepare()
            except AiogramError as error:
                await self.fail(error)
            else:
                self._judge(info)

    def _judge(self, info: WebhookInfo) -> None:
        """Count as offline while updates wait and the last try to bring one failed."""
        self.succeed()
        if info.pending_update_count and info.last_error_message:
            self.online = False
            log.warning("webhook_not_reached", detail=info.last_error_message, waiting=info.pending_update_count)


def secret_of(token: str) -> str:
    """Return the word that Telegram's posts must bring: the same after every restart, and no key to the bot."""
    return hmac.new(token.encode(), b"chimera webhook", hashlib.sha256).hexdigest()
