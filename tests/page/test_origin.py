"""The page's server answers to its own page, whatever name leads to it."""

import aiohttp
import pytest

from tests.page.room import Room


@pytest.mark.parametrize("path", ["", "_fake/people", "_fake/live", "erp/_fake/stores"])
@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Host": "evil.example:8099"}, {"Origin": "http://evil.example"}, {"Origin": "null"}],
    ids=str,
)
async def test_a_page_from_elsewhere_reads_and_does_nothing(room: Room, headers: dict[str, str], path: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(room.page.url + path, headers=headers) as answer:
        assert (answer.status, "Ana" in await answer.text()) == (403, False)


async def test_localhost_is_an_own_name_too(room: Room) -> None:
    url = room.page.url.replace("127.0.0.1", "localhost")
    own = {"Origin": url.rstrip("/")}
    async with aiohttp.ClientSession() as session, session.get(f"{url}_fake/people", headers=own) as answer:
        assert "Ana" in await answer.text()
