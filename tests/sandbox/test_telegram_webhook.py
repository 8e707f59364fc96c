"""Delivery by HTTP POST: what reaches the address, in which order, and what happens when it does not."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramConflictError
from aiohttp import web

from sandbox.telegram import TelegramServer

HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Hook:
    """A small bot behind an address; `status` is what it answers with."""

    def __init__(self) -> None:
        self.status = 200
        self.answer: dict[str, Any] | None = None
        self.delay = 0.0
        self.secrets: list[str | None] = []
        self.updates: list[dict[str, Any]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.secrets.append(request.headers.get(HEADER))
        self.updates.append(await request.json())
        await asyncio.sleep(self.delay)
        if self.answer is not None:
            return web.json_response(self.answer)
        return web.Response(status=self.status)

    @property
    def texts(self) -> list[str]:
        return [one["message"]["text"] for one in self.updates]


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    made = Hook()
    app = web.Application()
    app.router.add_post("/hook", made.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


async def until(found: Any, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not found():  # noqa: ASYNC110 - looks at plain state
            await asyncio.sleep(0.01)


async def test_updates_reach_the_address_with_the_secret(tg: TelegramServer, bot: Bot, hook: Hook) -> None:
    await tg.person(1001, "Ana").says("waited")
    await bot.set_webhook(hook.url, secret_token="s3-cret_")
    await tg.person(1001, "Ana").says("hello")
    await until(lambda: len(hook.updates) == 2)
    assert (hook.texts, set(hook.secrets)) == (["waited", "hello"], {"s3-cret_"})
    await until(lambda: tg.world.updates.pending == 0)
    assert "s3-cret_" not in repr(tg.calls)


async def test_a_failing_address_is_asked_again_after_growing_pauses(tg: TelegramServer, bot: Bot, hook: Hook) -> None:
    tg.world.deliverer.pauses = (0.01, 0.05, 0.1)
    hook.status = 500
    await bot.set_webhook(hook.url)
    await tg.person(1001, "Ana").says("hello")
    await until(lambda: len(hook.updates) == 3)
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
    assert info.pending_update_count == 1
    hook.status = 200
    await until(lambda: tg.world.updates.pending == 0)
    assert {one["update_id"] for one in hook.updates} == {hook.updates[0]["update_id"]}


async def test_an_address_nobody_listens_at_is_named_so(tg: TelegramServer, bot: Bot) -> None:
    tg.world.deliverer.pauses = (0.01,)
    await bot.set_webhook("http://127.0.0.1:9/hook")
    await tg.person(1001, "Ana").says("hello")
    await until(lambda: tg.world.deliverer.webhook.last_error is not None)
    assert (await bot.get_webhook_info()).last_error_message == "Connection refused"


async def test_one_chat_keeps_its_order_while_others_go_on(tg: TelegramServer, bot: Bot, hook: Hook) -> None:
    hook.delay = 0.1
    await bot.set_webhook(hook.url)
    ana, rui = tg.person(1001, "Ana"), tg.person(1002, "Rui")
    for text in ("a1", "a2"):
        await ana.says(text)
    await rui.says("r1")
    await until(lambda: len(hook.updates) == 2)
    assert sorted(hook.texts) == ["a1", "r1"]
    await until(lambda: len(hook.updates) == 3)
    assert hook.texts[2] == "a2"


async def test_an_answer_may_carry_a_call(tg: TelegramServer, bot: Bot, hook: Hook) -> None:
    hook.answer = {"method": "sendMessage", "chat_id": 1001, "text": "by return"}
    await bot.set_webhook(hook.url)
    await tg.person(1001, "Ana").says("hello")
    await tg.wait_for(1001, "by return")
    hook.answer = {"method": "sendMessage", "chat_id": 1001, "text": ""}
    await tg.person(1001, "Ana").says("again")
    await until(lambda: tg.violations)
    assert tg.violations[0].detail == "Bad Request: message text is empty"


async def test_setting_a_webhook_ends_the_poll_that_waits(tg: TelegramServer, bot: Bot, hook: Hook) -> None:
    poll = asyncio.ensure_future(bot.get_updates(timeout=30))
    await asyncio.sleep(0.05)
    await bot.set_webhook(hook.url)
    with pytest.raises(TelegramConflictError, match="terminated by setWebhook request"):
        await poll


async def test_after_deletion_what_was_not_taken_waits_for_polling(tg: TelegramServer, bot: Bot, hook: Hook) -> None:
    tg.world.deliverer.pauses = (0.01,)
    hook.status = 503
    await bot.set_webhook(hook.url)
    await tg.person(1001, "Ana").says("hello")
    await until(lambda: hook.updates)
    await bot.delete_webhook()
    [update] = await bot.get_updates()
    assert update.message is not None
    assert update.message.text == "hello"


async def test_a_public_address_leads_through_a_door(tg: TelegramServer, bot: Bot, hook: Hook) -> None:
    tg.world.deliverer.doors["https://hub.example.org"] = hook.url.removesuffix("/hook")
    await bot.set_webhook("https://hub.example.org/hook")
    await tg.person(1001, "Ana").says("hello")
    await until(lambda: hook.updates)


@pytest.mark.parametrize(
    ("settings", "refusal"),
    [
        ({"url": "http://hub.example.org/"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://hub.example.org:9000/"}, "bad webhook: Webhook can be set up only on ports 80, 88"),
        ({"url": "https://hub.example.org/", "secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"url": "https://hub.example.org/", "secret_token": "a" * 257}, "secret token is too long"),
    ],
)
async def test_what_telegram_would_refuse_is_refused(
    tg: TelegramServer, bot: Bot, settings: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(TelegramBadRequest, match=refusal):
        await bot.set_webhook(**settings)
    assert len(tg.violations) == 1
