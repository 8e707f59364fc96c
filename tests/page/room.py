"""Windows of people in the browser, and the room they look into: servers, page, and a bot played by the tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Update
from playwright.async_api import BrowserContext, Page

from core.chat.answered import Answered
from handlers.session import Session
from sandbox.crescevendas import PlatformServer
from sandbox.page import PageServer
from sandbox.rp import RpServer
from sandbox.telegram import TelegramServer

ANA, RUI = 1001, 1002
OPS = -1001
PATIENCE_MS = 30_000
STORES = ("11222333000181", "11222333000262")


class Window:
    """One window of a person; an error on the page fails the test that looks at it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    async def sees(self, text: str, where: str = "#messages") -> None:
        await self.page.locator(where, has_text=text).first.wait_for()

    async def says(self, text: str) -> None:
        await self.page.fill("#write", text)
        await self.page.press("#write", "Enter")

    async def presses(self, name: str, *, exact: bool = True) -> None:
        await self.page.get_by_role("button", name=name, exact=exact).last.click()

    @property
    def last(self) -> Any:
        return self.page.locator("#messages > li").last


class Windows:
    """Opens windows of one browser; what they kept in it is forgotten when they close."""

    def __init__(self, context: BrowserContext) -> None:
        self._context = context

    @asynccontextmanager
    async def __call__(self, address: str, width: int = 1280, height: int = 720) -> AsyncIterator[Window]:
        window = Window(await self._context.new_page())
        await window.page.set_viewport_size({"width": width, "height": height})
        await window.page.goto(address)
        await window.page.wait_for_selector("body[data-ready]")
        try:
            yield window
        finally:
            await window.page.evaluate("localStorage.clear()")
            await window.page.close()
        assert window.errors == []


Handler = Callable[[Update], Awaitable[Any]]


class Room:
    """The three servers, their page, and the bot."""

    def __init__(self, telegram: TelegramServer, erp: RpServer, platform: PlatformServer, page: PageServer) -> None:
        self.telegram, self.erp, self.platform, self.page = telegram, erp, platform, page
        self._windows: Windows | None = None
        self._open = AsyncExitStack()
        self._answered = Answered(Path(self._open.enter_context(TemporaryDirectory())) / "answered")
        self.bot = Bot(telegram.token, Session(self._answered, api=TelegramAPIServer.from_base(telegram.url)))

    def at(self, person: int, chat: int | str = "") -> str:
        return f"{self.page.url}#/{person}/{chat}"

    async def window(self, windows: Windows, person: int = ANA, chat: int | str = "", **settings: Any) -> Window:
        return await self._open.enter_async_context(windows(self.at(person, chat), **settings))

    async def answers(self, handler: Handler) -> None:
        """Let the bot handle updates from now on."""
        task = asyncio.ensure_future(self._poll(handler))
        self._open.callback(task.cancel)

    async def _poll(self, handler: Handler) -> None:
        offset = 0
        while True:
            for update in await self.bot.get_updates(offset=offset, timeout=20):
                offset = update.update_id + 1
                await handler(update)

    async def close(self) -> None:
        await self._open.aclose()
        await self.bot.session.close()
        self._answered.close()
