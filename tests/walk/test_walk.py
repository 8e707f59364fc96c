"""The walk: a chain is set up from an empty database to a running daily sync without leaving the chat."""

import re
from pathlib import Path

from tests.kit.building import build_town
from tests.kit.inside import Inside
from tests.kit.story import Story

GUIDE = Path(__file__).parents[2] / "docs" / "walk.md"


async def test_a_chain_is_set_up_and_run_without_leaving_the_chat(tmp_path: Path, migrated_file: Path) -> None:
    async with build_town(tmp_path) as town, Inside(town, migrated_file) as inside:
        story = Story(inside)
        await story.play()
        assert town.telegram.violations == []

    assert re.findall(r"\(pictures/walk-(\w+)\.png\)", GUIDE.read_text()) == story.pictures
