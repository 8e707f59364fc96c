"""The HTTP side for whoever watches the process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from api.health import make_app
from bot.web import WebServer
from core.nursery import Nursery


@asynccontextmanager
async def calling(ready: bool = True, **metrics: bool | str) -> AsyncIterator[aiohttp.ClientSession]:
    web, nursery = WebServer(make_app(lambda: {"chat": ready}, dict, **metrics), "127.0.0.1", 0), Nursery()  # type: ignore[arg-type]
    serving = nursery.start("http", web.serve())
    async with aiohttp.ClientSession(f"http://127.0.0.1:{web.port}") as session:
        yield session
    web.stop()
    await serving


@pytest.mark.parametrize(
    ("public", "token", "sent", "status"),
    [
        (False, "", None, 200),
        (True, "", None, 403),
        (True, "", "Bearer ", 403),
        (True, "s3cret-word", None, 403),
        (True, "s3cret-word", "Bearer s3cret-w\u00f6rd", 403),
        (True, "s3cret-word", "Bearer s3cret-word", 200),
        (False, "s3cret-word", None, 403),
    ],
)
async def test_figures_are_for_this_machine_or_for_who_knows_the_token(
    public: bool, token: str, sent: str | None, status: int
) -> None:
    async with calling(public=public, metrics_token=token) as session:
        headers = {} if sent is None else {"Authorization": sent}
        async with session.get("/metrics", headers=headers) as answer:
            assert answer.status == status
            assert ("python_info" in await answer.text()) is (status == 200)


async def test_a_process_whose_chat_is_away_lives_but_is_not_ready() -> None:
    async with calling(ready=False) as session, session.get("/health") as alive, session.get("/ready") as ready:
        assert (alive.status, ready.status, await ready.json()) == (200, 503, {"chat": False})
