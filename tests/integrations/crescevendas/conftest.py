"""A platform of the sandbox, a server that says anything, and connections to both."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from core.clock import ManualClock
from core.windows import Window, plan_window
from integrations.contract import ModuleContext, StoreRef
from integrations.crescevendas.connection import CresceVendasConnection
from integrations.crescevendas.module import register
from integrations.http import HttpClient, HttpPolicy
from sandbox.crescevendas import PlatformServer
from tests.kit.answering import serving

ZONE = ZoneInfo("America/Sao_Paulo")
REGISTRATION = "11222333000181"
HURRY = 0.3
"""Waits in tests, as a share of what is set up."""
Connect = Callable[..., CresceVendasConnection]


@pytest.fixture
def store() -> StoreRef:
    return StoreRef("s1", "001 Centro", REGISTRATION, REGISTRATION, REGISTRATION, ZONE)


@pytest.fixture
def window(clock: ManualClock) -> Window:
    planned = plan_window(clock.now(), ZONE, time(6), timedelta(minutes=5))
    assert planned is not None
    return planned


@pytest.fixture
async def platform(clock: ManualClock) -> AsyncIterator[PlatformServer]:
    async with PlatformServer([REGISTRATION], clock=clock.now) as server:
        yield server


@dataclass
class Parrot:
    """A server that answers with what it was told: (status, body, headers), the last one for ever."""

    url: str = ""
    answers: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    seen: list[web.Request] = field(default_factory=list)

    def say(self, body: bytes | str, status: int = 200, **headers: str) -> None:
        raw = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, raw, {"Content-Type": "application/json"} | named))

    async def answer(self, request: web.Request) -> web.Response:
        await request.read()
        self.seen.append(request)
        status, body, headers = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=status, body=body, headers=headers)


@pytest.fixture
async def parrot() -> AsyncIterator[Parrot]:
    made = Parrot()
    async with serving(made.answer) as made.url:
        yield made


@pytest.fixture
async def connect(clock: ManualClock) -> AsyncIterator[Connect]:
    """Return a function that connects to an address with the sandbox's login and given settings."""

    def quick(base_url: str, policy: HttpPolicy) -> HttpClient:
        hurried = replace(policy, backoff=0.01, requests_per_minute=None, read_timeout=policy.read_timeout * HURRY)
        return HttpClient(base_url, hurried, clock=clock)

    async with AsyncExitStack() as closing:

        def make(base_url: str, **settings: Any) -> CresceVendasConnection:
            module = register()
            login = {"email": "integration@example.test", "token": "invented-token"}
            parsed = module.Settings.model_validate({"base_url": base_url} | login | settings)
            made = cast("CresceVendasConnection", module.connect(parsed, ModuleContext("Loyalty", clock, quick)))
            closing.push_async_callback(made.close)
            return made

        yield make
