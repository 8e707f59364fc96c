"""Receiving at our own address: only Telegram is let in, nothing is lost or handled twice (item 9)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest

from api.health import make_app
from api.telegram import MOST_BYTES, SECRET_HEADER, webhook_router
from bot.web import WebServer
from core.chat.inbox import Inbox
from core.chat.model import ReceivedUpdate
from core.clock import SystemClock
from core.db.database import Database
from core.errors import StartError
from core.executions.model import Execution
from core.secrets import SecretBox
from handlers.receiving import ALLOWED_UPDATES, Watching
from handlers.service import ChatService
from handlers.webhook import WEBHOOK_PATH, WebhookReceiver, secret_of
from tests.handlers.kit import ANA, HURRY, TOKEN, Desk, until, until_sent

QUICK = Watching(every=0.1, settled_after=0.35)
SECRET = secret_of(TOKEN)


class Doorway:
    """The HTTP side of a bot on a free port; `hook` is who takes what is posted."""

    def __init__(self) -> None:
        self.chat: ChatService | None = None
        app = make_app(dict, lambda: {"telegram": self.chat.mode if self.chat else ""})
        app.include_router(webhook_router(self, WEBHOOK_PATH))
        self.web = WebServer(app, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.web.port}"
        self.secret = SECRET

    @property
    def hook(self) -> WebhookReceiver:
        assert self.chat is not None
        assert self.chat.webhook is not None
        return self.chat.webhook

    async def take(self, update_id: int, body: str) -> bool:
        return await self.hook.take(update_id, body)

    async def post(self, body: bytes, secret: str | None = SECRET) -> int:
        headers = {} if secret is None else {SECRET_HEADER: secret}
        async with (
            aiohttp.ClientSession() as http,
            http.post(self.url + WEBHOOK_PATH, data=body, headers=headers) as answer,
        ):
            return answer.status


@pytest.fixture
async def door() -> AsyncIterator[Doorway]:
    made = Doorway()
    serving = asyncio.create_task(made.web.serve())
    yield made
    made.web.stop()
    await serving


@asynccontextmanager
async def hooked(desk: Desk, door: Doorway, watching: Watching = QUICK) -> AsyncIterator[ChatService]:
    """Run the chat with the door as its address, until Telegram knows it."""
    async with desk.chat(replace(HURRY, watching=watching), public_url=door.url) as chat:
        door.chat = chat
        await until(lambda: desk.telegram.world.deliverer.webhook.url)
        yield chat


def command(desk: Desk, text: str, update_id: int) -> bytes:
    """Return an update in which Ana writes a command in private."""
    user = {"id": ANA, "is_bot": False, "first_name": "Ana"}
    chat = {"id": ANA, "type": "private", "first_name": "Ana"}
    entities = [{"type": "bot_command", "offset": 0, "length": len(text)}]
    message = {"message_id": update_id, "date": 1_800_000_000, "from": user, "chat": chat, "text": text}
    return json.dumps({"update_id": update_id, "message": message | {"entities": entities}}).encode()


async def test_updates_come_to_the_address_and_are_answered(desk: Desk, door: Doorway) -> None:
    async with hooked(desk, door) as chat:
        await desk.ana.says("/help")
        await desk.telegram.wait_for(ANA, "what I can do")
        await until(lambda: chat.online)
        hook = desk.telegram.world.deliverer.webhook

    assert (hook.url, hook.secret) == (door.url + WEBHOOK_PATH, SECRET)
    assert TOKEN.partition(":")[2] not in hook.url + hook.secret
    assert desk.telegram.world.updates.allowed == frozenset(ALLOWED_UPDATES)
    assert "getUpdates" not in {call.method for call in desk.telegram.calls}
    assert await desk.rows(ReceivedUpdate) == []


WRONG_SECRETS = [None, "", "wrong", SECRET[:-1], SECRET + "x", "é"]


async def test_without_the_secret_nobody_is_let_in(desk: Desk, door: Doorway) -> None:
    async with hooked(desk, door):
        for secret in WRONG_SECRETS:
            assert await door.post(command(desk, "/sync", 7), secret) == 403, secret

    assert await desk.rows(Execution) == []


NO_UPDATES = [
    (b"", 400),
    (b"no json", 400),
    (b"[1]", 400),
    (b'{"update_id": "7"}', 400),
    (b'{"update_id": true}', 400),
    (b'{"update_id": -1}', 400),
    (b'{"update_id": 1e400}', 400),
    (b"[" * 100_000, 400),
    (b'\xff\xfe{\x00"\x00', 400),
    (b'{"update_id": 7, "x": "' + b"x" * MOST_BYTES + b'"}', 413),
]


async def test_what_is_no_update_is_refused_and_not_kept(desk: Desk, door: Doorway) -> None:
    async with hooked(desk, door):
        for body, status in NO_UPDATES:
            assert await door.post(body) == status, body[:40]
        assert await desk.rows(ReceivedUpdate) == []


async def test_an_update_that_makes_no_sense_is_taken_once_and_stops_nothing(desk: Desk, door: Doorway) -> None:
    async with hooked(desk, door):
        assert await door.post(b'{"update_id": 7, "message": {"text": 5}}') == 200
        assert await door.post(command(desk, "/help", 8)) == 200
        await desk.telegram.wait_for(ANA, "what I can do")

    assert await desk.rows(ReceivedUpdate) == []


async def test_a_replayed_update_is_taken_and_handled_once(desk: Desk, door: Doorway) -> None:
    body = command(desk, "/help", 9)
    async with hooked(desk, door):
        assert {await door.post(body) for _ in range(3)} == {200}
        await desk.telegram.wait_for(ANA, "what I can do")
        await until_sent(desk)
        assert await door.post(body) == 200
        await until(lambda: _none_kept(desk))
        await until_sent(desk)

    assert sum("what I can do" in text for text in desk.texts(ANA)) == 1


@pytest.mark.parametrize("posted", [True, False], ids=["by webhook again", "by polling now"])
async def test_what_a_crash_left_unhandled_is_handled_after_it_in_order(
    desk: Desk, door: Doorway, *, posted: bool
) -> None:
    inbox = await desk.container.get(Inbox)
    for number, text in ((12, "/resume"), (11, "/pause")):
        assert await inbox.keep(number, command(desk, text, number).decode())
    async with hooked(desk, door) if posted else desk.chat():
        await desk.telegram.wait_for(ANA, "Sending goes on")
        await until_sent(desk)

    assert [text.split(":")[0].split(".")[0] for text in desk.texts(ANA)] == [
        "⏸ Sending is paused",
        "▶️ Sending goes on",
    ]
    assert await desk.rows(ReceivedUpdate) == []


async def test_what_lies_kept_is_sealed(desk: Desk) -> None:
    inbox = await desk.container.get(Inbox)
    await inbox.keep(5, '{"update_id": 5, "message": "my-password"}')
    (row,) = await desk.rows(ReceivedUpdate)

    assert "password" not in row.body
    assert [one.body for one in await inbox.waiting()] == ['{"update_id": 5, "message": "my-password"}']
    assert not await inbox.keep(5, "{}")


async def test_what_is_posted_twice_at_once_is_kept_once(database: Database) -> None:
    inbox = Inbox(database, SystemClock(), SecretBox(SecretBox.new_key()))
    kept = await asyncio.gather(*(inbox.keep(5, "{}") for _ in range(6)))
    assert sorted(kept) == [False] * 5 + [True]


async def test_switching_both_ways_loses_and_doubles_nothing(desk: Desk, door: Doorway) -> None:
    async with desk.chat():
        await desk.ana.says("/help")
        await desk.telegram.wait_for(ANA, "what I can do")
        await until_sent(desk)
    await desk.ana.says("/pause")
    async with hooked(desk, door):
        await desk.telegram.wait_for(ANA, "Sending is paused")
        await until_sent(desk)
    desk.telegram.world.deliverer.pauses = (0.05,)
    await desk.ana.says("/resume")
    async with desk.chat():
        await desk.telegram.wait_for(ANA, "Sending goes on")
        await until_sent(desk)

    assert desk.telegram.world.deliverer.webhook.url == ""
    assert len(desk.texts(ANA)) == 3


async def test_while_it_stops_updates_are_left_to_come_again(desk: Desk, door: Doorway) -> None:
    async with hooked(desk, door) as chat:
        await chat.stop_listening()
        assert await door.post(command(desk, "/help", 9)) == 503

    assert await desk.rows(ReceivedUpdate) == []


async def test_a_newcomer_with_another_address_leaves_and_the_first_takes_it_back(desk: Desk, door: Doorway) -> None:
    async with hooked(desk, door) as chat:
        await asyncio.sleep(QUICK.settled_after + 0.2)
        newcomer = await ChatService.create(
            TOKEN,
            desk.telegram.url,
            desk.container,
            tempo=replace(HURRY, watching=Watching(0.3, 2)),
            public_url="http://127.0.0.1:9",
        )
        with pytest.raises(StartError, match="Another bot runs with this token"):
            await asyncio.wait_for(newcomer.run(), 60)
        await newcomer.stop()
        await until(lambda: desk.telegram.world.deliverer.webhook.url == door.url + WEBHOOK_PATH)
        await until(lambda: chat.online)
        await desk.ana.says("/help")
        await desk.telegram.wait_for(ANA, "what I can do")


async def test_a_newcomer_that_polls_leaves_to_the_bot_whose_webhook_it_took_down(desk: Desk, door: Doorway) -> None:
    async with hooked(desk, door) as chat:
        await asyncio.sleep(QUICK.settled_after + 0.2)
        newcomer = await ChatService.create(
            TOKEN, desk.telegram.url, desk.container, tempo=replace(HURRY, watching=Watching(0.3, 5))
        )
        with pytest.raises(StartError, match="Another bot runs with this token"):
            await asyncio.wait_for(newcomer.run(), 60)
        await newcomer.stop()
        await until(lambda: chat.online)
        await desk.ana.says("/help")
        await desk.telegram.wait_for(ANA, "what I can do")

    assert {one.kind for one in desk.telegram.violations} <= {"conflict"}
    desk.telegram.violations.clear()


@pytest.mark.slow
async def test_a_newcomer_with_an_address_leaves_to_the_bot_that_polls(desk: Desk, door: Doorway) -> None:
    async with desk.chat() as chat:
        await until(lambda: chat.online)
        await asyncio.sleep(2.2)
        newcomer = await ChatService.create(
            TOKEN,
            desk.telegram.url,
            desk.container,
            tempo=replace(HURRY, watching=Watching(1, 5)),
            public_url=door.url,
        )
        with pytest.raises(StartError, match="Another bot runs with this token"):
            await asyncio.wait_for(newcomer.run(), 60)
        await newcomer.stop()
        await desk.ana.says("/help")
        await desk.telegram.wait_for(ANA, "what I can do")

    desk.telegram.violations.clear()


async def test_an_address_that_telegram_cannot_reach_counts_as_offline(desk: Desk, door: Doorway) -> None:
    desk.telegram.world.deliverer.pauses = (0.05,)
    async with desk.chat(replace(HURRY, watching=QUICK), public_url="http://127.0.0.1:9") as chat:
        await until(lambda: chat.online)
        await desk.ana.says("/help")
        await until(lambda: not chat.online)


async def test_health_names_the_way_of_receiving(desk: Desk, door: Doorway) -> None:
    async with hooked(desk, door), aiohttp.ClientSession() as http, http.get(f"{door.url}/health") as answer:
        assert await answer.json() == {"status": "ok", "telegram": "webhook"}


async def _none_kept(desk: Desk) -> bool:
    return await desk.rows(ReceivedUpdate) == []
