"""The local Bot API server: lifecycle, people and groups, and what tests look at."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from aiohttp import web

from sandbox.telegram.commands import commands_for
from sandbox.telegram.control import add_control_routes
from sandbox.telegram.faults import Faults
from sandbox.telegram.feed import Change, Subscription
from sandbox.telegram.groups import Groups
from sandbox.telegram.journal import Call, Violation
from sandbox.telegram.methods_queries import overdue_queries
from sandbox.telegram.model import Chat, Json, Message, Query, User
from sandbox.telegram.people import Person
from sandbox.telegram.routes import MAX_UPLOAD_BYTES, BotApi
from sandbox.telegram.transcript import render_chat
from sandbox.telegram.world import World


class TelegramServer(Groups):
    """A strict Telegram for one bot on 127.0.0.1; state lives as long as this object.

    `clock` gives UTC epoch seconds and rules dates, ages and flood control;
    long polls and time-outs run on real time. `port` 0 takes a free one, kept
    over go_down and come_up. With `privacy` (Telegram's default) the bot sees
    of group talk only commands, replies to it and service messages.
    """

    def __init__(
        self,
        token: str = "42:sandbox",  # noqa: S107 - an invented token of the sandbox
        username: str = "chimera_sandbox_bot",
        *,
        name: str = "Chimera",
        clock: Callable[[], float] = time.time,
        port: int = 0,
        privacy: bool = True,
    ) -> None:
        self.token = token
        bot = User(int(token.partition(":")[0]), name, username=username, is_bot=True)
        self.world = World(bot, clock, privacy=privacy)
        self.people: dict[int, Person] = {}
        self._port = port
        self._runner: web.AppRunner | None = None
        self._delivering: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        await self.come_up()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.go_down()

    async def come_up(self) -> None:
        """Start listening, again on the same port after an outage."""
        if self._runner is not None:
            return
        app = web.Application(client_max_size=MAX_UPLOAD_BYTES)
        BotApi(self.world, self.token).add_routes(app)
        add_control_routes(app, self)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = int(self._runner.addresses[0][1])
        self._delivering = asyncio.ensure_future(self.world.deliverer.run())

    async def go_down(self) -> None:
        """Stop listening and cut every connection; the state stays."""
        runner, self._runner = self._runner, None
        if runner is not None:
            self.world.updates.cut()
            if self._delivering is not None:
                self._delivering.cancel()
                await asyncio.gather(self._delivering, return_exceptions=True)
            await runner.cleanup()

    @property
    def url(self) -> str:
        """Base address of the API, without a slash at its end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def faults(self) -> Faults:
        return self.world.faults

    @property
    def calls(self) -> list[Call]:
        return self.world.calls

    @property
    def violations(self) -> list[Violation]:
        return self.world.violations

    @property
    def flood_control(self) -> bool:
        return self.world.limits.enabled

    @flood_control.setter
    def flood_control(self, enabled: bool) -> None:
        self.world.limits.enabled = enabled

    def person(self, person_id: int, name: str, *, language: str = "en", username: str = "") -> Person:
        """Return the person with this id, made on first use; the bot cannot write to it before it writes."""
        if person_id not in self.people:
            self.people[person_id] = Person(self.world, User(person_id, name, language, username))
        return self.people[person_id]

    def commands_for(self, chat: Chat, person: Person) -> list[Json]:
        """Return the commands a person is offered in a chat."""
        return commands_for(self.world, chat, person.user)

    def chat(self, chat_id: int) -> Chat:
        return self.world.chats[chat_id]

    def messages(self, chat_id: int) -> list[Message]:
        """All messages of a chat, oldest first, deleted ones flagged; the objects are live."""
        return list(self.world.chats[chat_id].messages.values())

    def rendered(self, chat_id: int) -> str:
        return render_chat(self.world.chats[chat_id])

    def changes(self) -> Subscription[Change]:
        """Subscribe, from now on, to every new, edited or deleted message in any chat."""
        return self.world.feed.subscribe()

    async def wait_for(
        self,
        chat_id: int,
        wanted: str | Callable[[Message], bool],
        *,
        timeout: float = 60,  # noqa: ASYNC109 - the failure must show the chat
        after: Message | None = None,
    ) -> Message:
        """Wait for a living message of the bot that contains a text or fulfils a predicate.

        Of several the newest is returned; `after` leaves out that message and
        older ones. TimeoutError with the chat's transcript after `timeout` real seconds.
        """
        subscription = self.changes()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while (found := self._find(chat_id, wanted, after)) is None:
                    await anext(subscription)
                return found
        raise TimeoutError(f"Not seen within {timeout} s: {wanted!r}. The chat:\n{self.rendered(chat_id)}")

    def overdue_callbacks(self) -> list[Query]:
        """Taps the bot received but left unanswered for 10 s; each becomes a violation once."""
        overdue = overdue_queries(self.world)
        known = {one.params.get("id") for one in self.violations if one.kind == "unanswered_callback"}
        for query in overdue:
            if query.id not in known:
                detail = f"{query.data} tapped by {query.person.first_name}"
                self.world.violate("unanswered_callback", "answerCallbackQuery", detail, {"id": query.id})
        return overdue

    def _find(self, chat_id: int, wanted: str | Callable[[Message], bool], after: Message | None) -> Message | None:
        for message in reversed(self.messages(chat_id)):
            if after is not None and message.id <= after.id:
                return None
            if message.is_from_bot and not message.deleted and _matches(message, wanted):
                return message
        return None


def _matches(message: Message, wanted: str | Callable[[Message], bool]) -> bool:
    return wanted in message.text if isinstance(wanted, str) else wanted(message)
