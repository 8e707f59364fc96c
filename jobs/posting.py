"""Delivers what the outbox holds for channels beyond Telegram: mails and posts, tried again for hours (CH-14)."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import structlog

from core.channels.model import Channel
from core.clock import Clock
from core.connections.repository import load_settings, open_secrets
from core.db.database import Database
from core.errors import ChimeraError, Conflict
from core.lanes import Lanes, Work
from core.notices.mirroring import MirrorAlarms
from core.outbox.queue import OutboxQueue, Outgoing
from core.outbox.reach import Reach
from core.outbox.wake import Wake
from core.redact import Redactor
from core.secrets import SecretBox
from core.texts import T, Text
from integrations.contract import ModuleContext, Notice, Notifier
from integrations.http import HttpClient, HttpPolicy
from integrations.registry import Registry
from jobs.connections import Connections

_POLL_SECONDS = 5.0
_POSTS = 0x4348504F
"""The kind of lock of who tells a channel, among all processes on one PostgreSQL."""
ATTEMPTS = 10
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)

log = structlog.get_logger(__name__)


class ChannelSender(Lanes):
    """One channel beside the other, one message after the other in each, and from one process at a time.

    A message cut off by a crash is sent again under the same id: told twice is better than not told.
    """

    name = "channels"

    def __init__(
        self,
        database: Database,
        queue: OutboxQueue,
        registry: Registry,
        box: SecretBox,
        clock: Clock,
        redactor: Redactor,
        wake: Wake,
        reach: Reach,
        connections: Connections,
    ) -> None:
        super().__init__(wake.listener())
        self._database = database
        self._queue = queue
        self._registry = registry
        self._box = box
        self._clock = clock
        self._redactor = redactor
        self._connections = connections
        self._mirror = MirrorAlarms(database, clock, reach)

    async def look(self) -> Mapping[int, Work]:
        await self._mirror.tick()
        return {channel_id: partial(self._tell, channel_id) for channel_id in await self._queue.channels()}

    def pause(self) -> float:
        return _POLL_SECONDS

    async def _tell(self, channel_id: int) -> None:
        """Tell one channel all that is due."""
        async with self._database.across_processes(_POSTS, channel_id, asyncio.sleep):
            while (outgoing := await self._queue.next_post(channel_id)) is not None:
                await self._send(channel_id, outgoing)

    async def _send(self, channel_id: int, outgoing: Outgoing) -> None:
        message = outgoing.message
        if not await self._queue.begin(message.id):
            return
        try:
            await self._deliver(channel_id, outgoing)
        except ChimeraError as error:
            await self._settle(outgoing, error)
        except Exception as error:
            # The module's own mistake, or a row that cannot be drawn: it must not block what comes after it.
            log.exception("channel_failed", channel=channel_id, message=message.id)
            text = T("The module failed: {error}. The log tells more.", error=type(error).__name__)
            await self._queue.dead(message.id, text)
        else:
            await self._queue.sent(message.id, 0)

    async def _deliver(self, channel_id: int, outgoing: Outgoing) -> None:
        async with self._database.reading() as session:
            channel = await session.get_one(Channel, channel_id)
        if channel.deleted_at is not None or not channel.enabled:
            raise Conflict(T("the channel is deleted or switched off."))
        await self._connections.follow(channel.module)
        module = self._registry.module(channel.module)
        self._redactor.add(*open_secrets(channel, self._box).values())
        settings = load_settings(channel, module.Settings, self._box)
        client = partial(self._client, channel.name)
        connection = module.connect(settings, ModuleContext(channel.name, self._clock, client))
        try:
            if not isinstance(connection, Notifier):
                raise Conflict(T("the module of this channel cannot deliver."))
            await connection.notify(_notice(outgoing))
        finally:
            await connection.close()

    async def _settle(self, outgoing: Outgoing, error: ChimeraError) -> None:
        """Try again later, twice as late each time, or give up with the reason."""
        message, tries = outgoing.message, outgoing.message.attempts + 1
        log.warning("channel_not_told", message=message.id, tries=tries, reason=str(error))
        if error.permanent or tries >= ATTEMPTS:
            await self._queue.dead(message.id, error.text)
            return
        asked = timedelta(seconds=getattr(error, "retry_after", None) or 0)
        await self._queue.later(message.id, min(max(_FIRST_WAIT * 2 ** (tries - 1), asked), _LONGEST_WAIT))

    def _client(self, name: str, base_url: str, policy: HttpPolicy) -> HttpClient:
        return HttpClient(base_url, policy, clock=self._clock, name=name)


def _notice(outgoing: Outgoing) -> Notice:
    """Return a row in the words of its organisation."""
    body = outgoing.message.body
    title, *lines = map(outgoing.translator, map(Text.from_json, body["lines"]))
    return Notice(body["notice"], body["event"], title, lines, outgoing.message.created_at, outgoing.organisation)
