"""An ERP of the sandbox, a server that says anything, and connections to both."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from core.catalogue.lines import Candidate
from core.clock import ManualClock
from integrations.contract import ModuleContext, StoreRef
from integrations.http import Answer, HttpClient, HttpPolicy
from integrations.rp.connection import RpConnection
from integrations.rp.module import register
from sandbox.rp.server import RpServer
from tests.kit.answering import serving

ZONE = ZoneInfo("America/Sao_Paulo")
CNPJ = "11222333000181"
QUICK = {"page_pause_ms": 0, "confirm_delay_ms": 0, "requests_per_minute": 0, "timeout_seconds": 5}
Connect = Callable[..., RpConnection]


@dataclass
class Scanned:
    """What a complete scan gave: candidates and reasons by code, the last one of a code winning."""

    candidates: dict[str, Candidate] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    pages: int = 0
    read: int = 0


async def scan_all(connection: RpConnection, store: StoreRef) -> Scanned:
    found = Scanned()
    async for page in connection.scan(store):
        found.pages += 1
        found.read += page.read
        found.candidates |= {candidate.code: candidate for candidate in page.candidates}
        found.reasons |= {str(code): str(reason) for reason, codes in page.rejects.items() for code in codes}
    return found


Scan = Callable[[RpConnection, StoreRef], Any]


@pytest.fixture
def scan() -> Scan:
    return scan_all


@pytest.fixture
def store() -> StoreRef:
    return StoreRef("s1", "001 Centro", CNPJ, CNPJ, CNPJ, ZONE)


@pytest.fixture
async def erp(clock: ManualClock) -> AsyncIterator[RpServer]:
    """An ERP with one store of 25 products, ten of them with a club price."""
    server = RpServer(clock=clock.now)
    server.add_store(CNPJ, size=25, discounted=10)
    async with server:
        yield server


@dataclass
class Parrot:
    """A server that logs everybody in and answers with what it was told, the last one for ever."""

    url: str = ""
    answers: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    logins: list[tuple[int, bytes]] = field(default_factory=list)
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def say(self, body: bytes | str, status: int = 200, **headers: str) -> None:
        self.answers.append((status, body.encode() if isinstance(body, str) else body, headers))

    def on_login(self, body: bytes | str, status: int = 200) -> None:
        self.logins.append((status, body.encode() if isinstance(body, str) else body))

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.seen]

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append((request.path_qs, dict(request.headers), await request.read()))
        if request.path.endswith("/auth"):
            welcome = (200, b'{"response": {"status": "ok", "token": "parrot"}}')
            status, body = self.logins.pop(0) if self.logins else welcome
            return web.Response(status=status, body=body)
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
        return HttpClient(base_url, replace(policy, backoff=0.01), clock=clock)

    async with AsyncExitStack() as closing:

        def make(base_url: str, **settings: Any) -> RpConnection:
            module = register()
            login = {"username": "100001", "password": "invented"}
            parsed = module.Settings.model_validate({"base_url": base_url} | login | QUICK | settings)
            made = cast("RpConnection", module.connect(parsed, ModuleContext("ERP", clock, quick)))
            closing.push_async_callback(made.close)
            return made

        yield make


def answer(body: bytes | str, status: int = 200) -> Answer:
    return Answer(status, {}, body.encode() if isinstance(body, str) else body, timedelta(), None)


@pytest.fixture
def say() -> Callable[..., Answer]:
    return answer
