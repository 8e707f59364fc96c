"""How a town comes to be: its servers on loopback, its owner, its group."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

from core.clock import SystemClock
from sandbox.crescevendas import PlatformServer
from sandbox.rp import RpServer
from sandbox.telegram import TelegramServer
from tests.kit.process import Launcher
from tests.kit.town import CNPJS, GROUP, OWNER, PASSWORD, TOKEN, Town, early


@asynccontextmanager
async def build_town(
    folder: Path, launcher: Launcher | None = None, moment: datetime | None = None
) -> AsyncIterator[Town]:
    """Build a town whose clock begins at a moment; its processes (with a launcher) and servers end with it."""
    async with AsyncExitStack() as stack:
        clock = SystemClock.starting_at(moment or early(5, 12))
        erp = await stack.enter_async_context(RpServer({"100001": PASSWORD}, clock=clock.now))
        for number, cnpj in enumerate(CNPJS, 1):
            erp.add_store(cnpj, unit_code=f"{number:03}", size=120, discounted=40)
        platform = await stack.enter_async_context(PlatformServer(CNPJS, token=TOKEN, clock=clock.now))
        telegram = TelegramServer("42:sandbox-token", clock=lambda: clock.now().timestamp())
        await stack.enter_async_context(telegram)
        owner = telegram.person(OWNER, "Ana")
        group = telegram.group(GROUP, "Ops", members=[owner])
        town = Town(folder, launcher, clock, erp, platform, telegram, owner, group)
        stack.push_async_callback(town.clear)
        yield town
