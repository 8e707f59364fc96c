"""What every conformance test needs: each module of the registry, with invented settings."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.clock import ManualClock
from core.redact import is_secret_key
from integrations.contract import Connection, Module, ModuleContext, SettingsModel
from integrations.entries import Entry
from integrations.http import HttpClient, HttpPolicy
from integrations.registry import Registry

SECRET = "s3cret-Zq9x"


def _registry() -> Registry:
    """Return the modules of this repository, and those of CHIMERA_MODULES_DIR: who runs this vouches for them."""
    outside = os.environ.get("CHIMERA_MODULES_DIR")
    registry = Registry.builtin(Path(outside) if outside else None)
    found = registry.look_outside()
    registry.take_in(found)
    for entry in found:
        if entry.problem is not None:
            raise pytest.UsageError("\n".join(map(str, [entry.problem, *entry.details])))
        registry.admit(entry)
    return registry


REGISTRY = _registry()
NAMES = sorted(entry.name for entry in REGISTRY)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", NAMES)


class Client(HttpClient):
    """The real client, with pauses cut short and its errors' secrets known to nobody else."""

    def __init__(self, base_url: str, policy: HttpPolicy) -> None:
        quick = replace(policy, backoff=0.001, max_wait=0.01, busy_wait=None, connect_timeout=2.0, read_timeout=2.0)
        super().__init__(base_url, quick)


def examples(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the first example of every property; secrets become one that can be searched for."""
    properties = schema["properties"]
    return {key: SECRET if is_secret_key(key) else prop["examples"][0] for key, prop in properties.items()}


@pytest.fixture
def entry(name: str) -> Entry:
    return REGISTRY.entry(name)


@pytest.fixture
def module(name: str) -> Module:
    return REGISTRY.module(name)


@pytest.fixture
def schema(name: str) -> dict[str, Any]:
    return REGISTRY.settings_schema(name)


@pytest.fixture
def configure(module: Module, schema: dict[str, Any]) -> Callable[..., SettingsModel]:
    def settings(**changes: object) -> SettingsModel:
        return module.Settings.model_validate({**examples(schema), **changes})

    return settings


@pytest.fixture
def context() -> ModuleContext:
    return ModuleContext("Example", ManualClock(datetime(2026, 11, 23, 8, tzinfo=UTC)), Client)


@pytest.fixture
async def connect(
    module: Module, configure: Callable[..., SettingsModel], context: ModuleContext
) -> AsyncIterator[Callable[[str], Connection]]:
    """Connect to an address; modules that call nobody are skipped."""
    opened: list[Connection] = []

    def to(address: str) -> Connection:
        if "base_url" not in module.Settings.model_fields:
            pytest.skip("calls nobody")
        opened.append(module.connect(configure(base_url=address), context))
        return opened[-1]

    yield to
    for connection in opened:
        await connection.close()


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    """Serve one handler for every path on loopback and return the address."""
    runners: list[web.AppRunner] = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()
