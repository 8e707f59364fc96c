"""Chimera at work inside the test's own process: all of its parts, and a chat without Telegram's slow pace."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Self

import structlog

from bot.environment import Environment
from bot.opening import House, open_house
from core.people.claiming import IssueClaimCode
from handlers.dialogs.menu import MENUS
from handlers.dialogs.messages import MenuMessages
from handlers.providers import ChatProvider
from handlers.service import ChatService
from jobs.dispatcher import Dispatcher
from jobs.port import Engine
from tests.handlers.kit import HURRY
from tests.kit.town import Town


class Inside:
    """One process's worth of Chimera over an empty database, to stop and start like one.

    `code` makes the first owner.
    """

    def __init__(self, town: Town, migrated: Path, modules: Path | None = None) -> None:
        self.town = town
        self._modules = modules
        self.code: str | None = None
        self._living = AsyncExitStack()
        self._migrated = migrated

    async def __aenter__(self) -> Self:
        await self.start(anew=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, *, anew: bool = False) -> None:
        """Start over the data that is there, or over an empty database."""
        if anew:
            shutil.rmtree(self.town.data, ignore_errors=True)
            self.town.found(self._migrated)
        house = await self._living.enter_async_context(_quiet_house(self.town, self._modules))
        self.code = await (await house.container.get(IssueClaimCode))()
        chat = await self._living.enter_async_context(_working(house))
        self.menus: MenuMessages = chat.dispatcher[MENUS]

    def settled(self) -> bool:
        """Tell whether every update so far was handled, and no edit waits for its turn."""
        return self.town.caught_up() and not self.menus._put_off

    async def stop(self) -> None:
        await self._living.aclose()


@contextmanager
def own_logging() -> Iterator[None]:
    """Give the test its own logging back afterwards."""
    handlers = list(logging.getLogger().handlers)
    try:
        yield
    finally:
        logging.getLogger().handlers = handlers
        structlog.reset_defaults()


@asynccontextmanager
async def _quiet_house(town: Town, modules: Path | None) -> AsyncIterator[House]:
    """Open the data folder, and give the test its own logging back afterwards."""
    environment = Environment(
        bot_token=town.telegram.token,
        telegram_api=town.telegram.url,
        data_dir=town.data,
        clock=town.clock.now(),
        modules_dir=modules,
    )
    with own_logging():
        async with open_house(environment, chat=ChatProvider(), log_level="ERROR") as house:
            yield house


@asynccontextmanager
async def _working(house: House) -> AsyncIterator[ChatService]:
    get = house.container.get
    engine, environment = await get(Engine), house.environment
    chat = await ChatService.create(environment.token(), environment.telegram_api, house.container, tempo=HURRY)
    await engine.launch()
    tasks = [asyncio.ensure_future((await get(Dispatcher)).run()), asyncio.ensure_future(chat.run())]
    try:
        yield chat
    finally:
        await chat.stop_listening()
        await engine.stop()
        await chat.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
