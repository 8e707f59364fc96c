"""The walk: a chain is set up from an empty database to a running daily sync without leaving the chat."""

from pathlib import Path

from tests.kit.building import build_town
from tests.kit.inside import Inside
from tests.kit.story import Story


async def test_a_chain_is_set_up_and_run_without_leaving_the_chat(tmp_path: Path, migrated_file: Path) -> None:
    async with build_town(tmp_path) as town, Inside(town, migrated_file) as inside:
        await Story(inside).play()
        assert town.telegram.violations == []
