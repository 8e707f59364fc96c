"""A browser for the whole run, and a room for each test."""

import inspect
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from sandbox.crescevendas import PlatformServer
from sandbox.page import PageServer
from sandbox.rp import RpServer
from sandbox.telegram import TelegramServer
from tests.page.room import ANA, OPS, RUI, STORES, Room, Windows

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of this folder share the loop that the browser lives in."""
    for item in items:
        if (
            isinstance(item, pytest.Function)
            and inspect.iscoroutinefunction(item.function)
            and HERE in item.path.parents
        ):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def windows() -> AsyncIterator[Windows]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("Chromium is missing. On Debian and Ubuntu: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path)
        yield Windows(await browser.new_context(locale="en-US"))
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def room() -> AsyncIterator[Room]:
    telegram, erp, platform = TelegramServer(), RpServer(), PlatformServer(STORES)
    async with telegram, erp, platform:
        for number, cnpj in enumerate(STORES, 1):
            erp.add_store(cnpj, unit_code=f"{number:03}", size=40, discounted=20)
        ana, rui = telegram.person(ANA, "Ana"), telegram.person(RUI, "Rui")
        telegram.group(OPS, "Ops", members=[rui], admins=[ana])
        async with PageServer(telegram, erp, platform, roles={ANA: "owner"}) as page:
            made = Room(telegram, erp, platform, page)
            await ana.says("/start")
            try:
                yield made
            finally:
                await made.close()
