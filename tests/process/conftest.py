import faulthandler
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.clock import SystemClock
from sandbox.crescevendas import PlatformServer
from sandbox.rp import RpServer
from sandbox.telegram import TelegramServer
from tests.kit.process import Launcher
from tests.kit.town import CNPJS, GROUP, OWNER, PASSWORD, TOKEN, MakeTown, Town, early

_FAST_SECONDS, _SLOW_SECONDS = 80, 280


@pytest.fixture(autouse=True)
def hard_limit(request: pytest.FixtureRequest) -> Iterator[None]:
    """End a test that hangs, whatever it waits for."""

    def over(number: int, frame: Any) -> None:
        raise TimeoutError("the test took too long")

    slow = request.node.get_closest_marker("slow") is not None
    if slow:
        faulthandler.cancel_dump_traceback_later()
    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(_SLOW_SECONDS if slow else _FAST_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """Starts processes quickly, for all tests of a worker."""
    with Launcher() as made:
        yield made


@pytest.fixture
async def make_town(tmp_path: Path, launcher: Launcher) -> AsyncIterator[MakeTown]:
    """Build a town whose clock begins at a moment; its processes and servers end with the test."""
    async with AsyncExitStack() as stack:

        async def make(moment: datetime | None = None) -> Town:
            clock = SystemClock.starting_at(moment or early(5, 12))
            erp = await stack.enter_async_context(RpServer({"100001": PASSWORD}, clock=clock.now))
            for number, cnpj in enumerate(CNPJS, 1):
                erp.add_store(cnpj, unit_code=f"{number:03}", size=120, discounted=40)
            platform = await stack.enter_async_context(PlatformServer(CNPJS, token=TOKEN, clock=clock.now))
            telegram = TelegramServer("42:sandbox-token", clock=lambda: clock.now().timestamp())
            await stack.enter_async_context(telegram)
            owner = telegram.person(OWNER, "Ana")
            group = telegram.group(GROUP, "Ops", members=[owner])
            town = Town(tmp_path, launcher, clock, erp, platform, telegram, owner, group)
            stack.push_async_callback(town.clear)
            return town

        yield make


@pytest.fixture
async def town(make_town: MakeTown) -> Town:
    """A town without a data folder."""
    return await make_town()


@pytest.fixture
async def furnished(town: Town, migrated_file: Path) -> Town:
    """A town whose configuration was applied."""
    await town.furnish(migrated_file)
    return town
