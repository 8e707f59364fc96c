from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer

from core.chat.answered import Answered
from handlers.session import Session
from sandbox.rp import RpServer
from sandbox.telegram import TelegramServer
from tests.sandbox.erp_client import NOW, OTHER, STORE, Client

ApiCall = Callable[..., Awaitable[tuple[int, dict[str, Any]]]]


class TurnableClock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def tg_clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
async def tg(tg_clock: TurnableClock) -> AsyncIterator[TelegramServer]:
    async with TelegramServer(clock=tg_clock) as server:
        yield server


@pytest.fixture
async def bot(tg: TelegramServer, tmp_path: Path) -> AsyncIterator[Bot]:
    with closing(Answered(tmp_path / "answered")) as answered:
        session = Session(answered, api=TelegramAPIServer.from_base(tg.url))
        async with Bot(tg.token, session=session) as bot:
            yield bot


@pytest.fixture
async def call_api(tg: TelegramServer) -> AsyncIterator[ApiCall]:
    """Call a method with a JSON body; gives status and decoded answer."""
    async with aiohttp.ClientSession() as http:

        async def call(method: str, **params: Any) -> tuple[int, dict[str, Any]]:
            async with http.post(f"{tg.url}/bot{tg.token}/{method}", json=params) as response:
                return response.status, await response.json()

        yield call


@pytest.fixture
async def erp() -> AsyncIterator[RpServer]:
    server = RpServer({"100001": "invented"}, clock=lambda: NOW)
    server.add_store(STORE, unit_code="001", size=250, discounted=40)
    server.add_store(OTHER, unit_code="002", size=250, discounted=40)
    async with server:
        yield server


@pytest.fixture
async def client(erp: RpServer) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as http:
        ready = Client(erp, http)
        await ready.log_in()
        yield ready
