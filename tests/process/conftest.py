import faulthandler
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.kit.building import build_town
from tests.kit.process import Launcher
from tests.kit.town import MakeTown, Town

_FAST_SECONDS, _SLOW_SECONDS = 300, 500


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
            return await stack.enter_async_context(build_town(tmp_path, launcher, moment))

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
