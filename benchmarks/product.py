"""The real sync: the product's own object graph, engine and database, set up for a measurement.

`python -m benchmarks.product JSON` runs one and prints what it came to.
"""

import asyncio
import json
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dishka import AsyncContainer, Provider

from benchmarks.measure import loop_lag, peak_memory, percentile
from benchmarks.pages import store_cnpj
from bot.environment import Environment
from bot.wiring import make_container
from core.access import Actor
from core.clock import Clock, SystemClock
from core.connections.model import Integration
from core.connections.repository import seal_secrets
from core.db.database import Database, async_url
from core.db.migrate import migrate
from core.executions.starting import Order, StartRun
from core.executions.states import Outcome, State
from core.executions.views import RunView, ShowRun
from core.ids import new_id
from core.interpreter import settle
from core.jobs.model import Job, JobType
from core.logs import configure_logs
from core.organisations.repository import DEFAULT_NAME, ensure_organisation
from core.redact import Redactor
from core.secrets import SecretBox
from core.stores.model import Store
from jobs.dispatcher import Dispatcher
from jobs.port import Engine

BEFORE_OPENING = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)
"""05:10 in São Paulo, the hour of the daily sync."""
ERP, PLATFORM = "ERP", "Loyalty"
LIMITLESS = 1_000_000
_LOOK_EVERY = 0.02

FAST_SOURCE: dict[str, Any] = {
    "page_size": 1000,
    "page_pause_ms": 0,
    "confirm_delay_ms": 0,
    "requests_per_minute": LIMITLESS,
    "max_parallel_scans": 8,
    "only_second_price": False,
}
"""Nothing but the work itself: no pauses, no limits, and the client filters."""
FAST_TARGET: dict[str, Any] = {"requests_per_minute": LIMITLESS, "max_parallel": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A chain of stores on one address; `source` and `target` are settings of the two modules."""

    url: str
    stores: int
    source: Mapping[str, Any] = field(default_factory=lambda: FAST_SOURCE)
    target: Mapping[str, Any] = field(default_factory=lambda: FAST_TARGET)


@dataclass(frozen=True, slots=True)
class Plant:
    """A configured hub with its engine running."""

    container: AsyncContainer
    actor: Actor
    database: Path

    async def sync(self, look_every: float = _LOOK_EVERY) -> RunView:
        """Run the sync as a person's command starts it, and wait for its end."""
        start, dispatcher = await self.container.get(StartRun), await self.container.get(Dispatcher)
        started = await start(self.actor, Order(new_id(), JobType.SYNC_PRODUCTS))
        await dispatcher.tick()
        # A second connection looks for the end: the hub's own are left to its work.
        with closing(sqlite3.connect(self.database)) as connection:
            while State(_state(connection, started.execution_id)).open:  # noqa: ASYNC110 - a row, no event
                await asyncio.sleep(look_every)
        show = await self.container.get(ShowRun)
        return await show(self.actor, started.execution_id)


@asynccontextmanager
async def open_plant(folder: Path, chain: Chain, clock: Clock, chat: Provider | None = None) -> AsyncIterator[Plant]:
    """Build the hub on a new SQLite file as the process does, with the chat's parts if given; start its engine."""
    environment = Environment(_env_file=None, data_dir=folder)
    redactor, box = Redactor(), SecretBox(SecretBox.new_key())
    configure_logs(redactor, log_format="json")
    await migrate(async_url(environment.url))
    container = make_container(environment, clock, box, redactor, chat)
    try:
        actor = await _configure(await container.get(Database), clock, box, chain)
        engine = await container.get(Engine)
        await engine.launch()
        yield Plant(container, actor, folder / "chimera.db")
        await engine.stop()
    finally:
        await container.close()


def all_verified(run: RunView, stores: int, lines: int) -> None:
    """Fail unless every store's whole list was read back."""
    wrong = [store for store in run.stores if store.outcome is not Outcome.VERIFIED or store.counts["lines"] != lines]
    assert len(run.stores) == stores, run
    assert not wrong, wrong[0]


def _state(connection: sqlite3.Connection, execution_id: int) -> str:
    (state,) = connection.execute("SELECT state FROM executions WHERE id = ?", (execution_id,)).fetchone()
    return str(state)


async def _configure(database: Database, clock: Clock, box: SecretBox, chain: Chain) -> Actor:
    """Write what a configuration document would."""
    async with database.writing() as session:
        organisation = await ensure_organisation(session, DEFAULT_NAME, "America/Sao_Paulo", "en")
        await session.flush()
        own: dict[str, Any] = {"organisation_id": organisation.id}
        source = {"base_url": chain.url, "username": "100001"} | dict(chain.source)
        target = {"base_url": chain.url, "email": "integration@example.test"} | dict(chain.target)
        erp = Integration(**own, name=ERP, module="rp", settings=source)
        platform = Integration(**own, name=PLATFORM, module="crescevendas", settings=target)
        seal_secrets(erp, {"password": "invented-password"}, box)
        seal_secrets(platform, {"token": "invented-token"}, box)
        numbers = range(1, chain.stores + 1)
        session.add_all(Store(**own, name=f"Loja {number}", cnpj=store_cnpj(number)) for number in numbers)
        settings = {"source": ERP, "target": PLATFORM}
        job = Job(**own, name="Daily sync", type=JobType.SYNC_PRODUCTS, due_after=clock.now(), settings=settings)
        session.add_all([erp, platform, job])
        return Actor.system(organisation.id, "benchmark")


async def measure(url: str, stores: int, lines: int, page_size: int = 1000) -> dict[str, float]:
    """Sync all stores once; seconds, lag in ms, memory in MiB."""
    chain = Chain(url=url, stores=stores, source=FAST_SOURCE | {"page_size": page_size})
    with TemporaryDirectory() as folder:
        clock = SystemClock.starting_at(BEFORE_OPENING)
        async with open_plant(Path(folder), chain, clock) as plant:
            settle()
            async with loop_lag() as lag:
                began = time.perf_counter()
                run = await plant.sync()
                took = time.perf_counter() - began
    all_verified(run, stores, lines)
    return {"seconds": took, "lag": percentile(lag, 0.99), "memory": peak_memory()}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(**json.loads(sys.argv[1])))))
