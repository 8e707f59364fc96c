"""Updates by HTTP POST: one chat's in their order, several chats at once, again after growing pauses."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from sandbox.telegram.model import Json, Update
from sandbox.telegram.updates import UpdateQueue

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
ANSWER_SECONDS = 60.0
DEFAULT_CONNECTIONS = 40

Reply = Callable[[Json], Awaitable[None]]


@dataclass
class Webhook:
    """Where updates go; without a `url` they wait for getUpdates. `last_error` is (epoch seconds, words)."""

    url: str = ""
    secret: str = field(default="", repr=False)
    max_connections: int = DEFAULT_CONNECTIONS
    certificate: bool = False
    last_error: tuple[int, str] | None = None

    def as_json(self) -> Json:
        data: Json = {"url": self.url, "has_custom_certificate": self.certificate}
        if self.url:
            data["max_connections"] = self.max_connections
        if self.last_error is not None:
            data["last_error_date"], data["last_error_message"] = self.last_error
        return data


class _Refused(Exception):
    """The address did not take the update; the words are those of getWebhookInfo."""


class Deliverer:
    """Carries waiting updates to the webhook, whenever there is one.

    `pauses` are the seconds before each further try, the last one repeating. `doors` maps public
    beginnings of addresses to local ones, as a proxy before the bot does.
    """

    def __init__(self, updates: UpdateQueue, clock: Callable[[], float], reply: Reply) -> None:
        self.webhook = Webhook()
        self.pauses: tuple[float, ...] = (0.5, 1, 2, 4, 8, 16, 32, 60)
        self.doors: dict[str, str] = {}
        self._updates = updates
        self._clock = clock
        self._reply = reply
        self._busy: dict[int, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            try:
                while True:
                    self._start_due(http)
                    await self._updates.changed()
            finally:
                await self._stop_all()

    async def _stop_all(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start_due(self, http: aiohttp.ClientSession) -> None:
        """Start the first waiting update of every chat that has none on its way."""
        if not self.webhook.url:
            return
        for update in self._updates.waiting:
            if len(self._busy) >= self.webhook.max_connections:
                return
            if update.lane not in self._busy:
                self._busy[update.lane] = update.id
                task = asyncio.ensure_future(self._carry(http, update))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _carry(self, http: aiohttp.ClientSession, update: Update) -> None:
        """Bring one update until it is taken, forgotten, or the webhook is another."""
        webhook, attempt = self.webhook, 0
        try:
            while self.webhook is webhook and self._updates.holds(update):
                try:
                    answer = await self._post(http, webhook, update)
                except _Refused as refusal:
                    webhook.last_error = (int(self._clock()), str(refusal))
                    await asyncio.sleep(self.pauses[min(attempt, len(self.pauses) - 1)])
                    attempt += 1
                else:
                    self._updates.confirm(update)
                    if "method" in answer:
                        await self._reply(answer)
        finally:
            self._busy.pop(update.lane, None)
            self._updates.stir()

    async def _post(self, http: aiohttp.ClientSession, webhook: Webhook, update: Update) -> Json:
        headers = {SECRET_HEADER: webhook.secret} if webhook.secret else {}
        url = next((to + webhook.url[len(at) :] for at, to in self.doors.items() if webhook.url.startswith(at)), None)
        update.delivered = self._clock() if update.delivered is None else update.delivered
        try:
            async with http.post(
                url or webhook.url, json=update.as_json(), headers=headers, allow_redirects=False
            ) as answer:
                if not 200 <= answer.status < 300:  # noqa: PLR2004
                    raise _Refused(f"Wrong response from the webhook: {answer.status} {answer.reason}")
                return await _method_of(answer)
        except TimeoutError as error:
            raise _Refused("Read timeout expired") from error
        except aiohttp.ClientConnectorError as error:
            raise _Refused("Connection refused") from error
        except aiohttp.ClientError as error:
            raise _Refused("Connection reset by peer") from error


async def _method_of(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """Return the call that an answer may carry; anything else counts as a plain yes."""
    if answer.content_type != "application/json":
        return {}
    with suppress(ValueError):
        document = await answer.json()
        return document if isinstance(document, dict) else {}
    return {}
