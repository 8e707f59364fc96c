"""P-6: a tap in a menu while a big sync runs, from update to first answer, against the same tap when idle."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from benchmarks.chatting import OWNER
from benchmarks.measure import ROOT, Ratio, clean_environment, percentile
from benchmarks.servers import Servers
from sandbox.telegram.model import Message
from sandbox.telegram.people import Person
from sandbox.telegram.server import TelegramServer

PAUSE = 0.1
"""Between two taps of a person in a hurry, in seconds."""
_SHARE = 0.99
_ANSWER_SECONDS = 60


@dataclass(slots=True)
class _Waits:
    """Milliseconds from each tap to its answer."""

    idle: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)


def measure(stores: int = 100, products: int = 10_000, rounds: int = 3, idle: int = 100) -> list[Ratio]:
    """Tap *Refresh* in the status menu: `idle` times before each sync, and all through it."""
    lines = products * 3 // 10
    waits = _Waits()
    with Servers(products=products, discounted=lines) as servers:
        asyncio.run(_measure(servers, stores, lines, rounds, idle, waits))
    calm, loaded = percentile(waits.idle, _SHARE), percentile(waits.busy, _SHARE)
    halves = f"medians {percentile(waits.busy, 0.5):.0f} and {percentile(waits.idle, 0.5):.0f} ms"
    details = f"p99 {loaded:.0f} ms of {len(waits.busy)} taps, idle {calm:.0f} ms of {len(waits.idle)}; {halves}"
    return [Ratio("P-6", "a tap during the big sync against idle", loaded / calm, 3, False, details)]


async def _measure(servers: Servers, stores: int, lines: int, rounds: int, idle: int, waits: _Waits) -> None:
    async with TelegramServer() as telegram:
        owner = telegram.person(OWNER, "Ana")
        async with _hub(servers, telegram, stores, lines) as hub:
            await owner.says("/menu")
            menu = await telegram.wait_for(OWNER, lambda one: bool(one.buttons), timeout=_ANSWER_SECONDS)
            await (await owner.taps(menu, "Status")).answer(_ANSWER_SECONDS)
            while not any("Refresh" in one.text for row in menu.buttons for one in row):  # noqa: ASYNC110 - an edit
                await asyncio.sleep(PAUSE)
            for _ in range(rounds):
                servers.reset()
                for _ in range(idle):
                    waits.idle.append(await _tap(owner, menu))
                syncing = asyncio.create_task(_sync(hub))
                while not syncing.done():
                    waits.busy.append(await _tap(owner, menu))
                await syncing


async def _tap(owner: Person, menu: Message) -> float:
    """Return the milliseconds until the bot answered a tap; then pause."""
    query = await owner.taps(menu, "Refresh")
    answer = await query.answer(_ANSWER_SECONDS)
    await asyncio.sleep(PAUSE)
    return answer.after * 1e3


@asynccontextmanager
async def _hub(servers: Servers, telegram: TelegramServer, stores: int, lines: int) -> AsyncIterator[Process]:
    order = {"url": servers.url, "telegram": telegram.url, "token": telegram.token, "stores": stores, "lines": lines}
    command = [sys.executable, "-m", "benchmarks.chatting", json.dumps(order)]
    hub = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=clean_environment(), stdin=PIPE, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _expect(hub, "ready")
        yield hub
    finally:
        assert hub.stdin is not None
        hub.stdin.close()
        await hub.wait()


async def _sync(hub: Process) -> None:
    assert hub.stdin is not None
    hub.stdin.write(b"sync\n")
    await _expect(hub, "done")


async def _expect(hub: Process, word: str) -> None:
    assert hub.stdout is not None
    line = (await hub.stdout.readline()).decode().strip()
    if line != word:
        raise RuntimeError(f"the hub said {line!r} instead of {word!r}")
