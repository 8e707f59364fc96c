"""Every test here drives the real process among local servers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kit.process import Street, open_street


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path) as made:
        yield made
