"""A whole retail chain for tests and benchmarks: stores, an ERP, a platform, and the job core.

Real parts throughout: both sandbox servers on loopback, a real database, the product's own
object graph. `chain.sync()` does what the engine does, without the engine.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from core.access import Actor, Role
from core.catalogue.model import Hold, Snapshot, VerifiedList
from core.catalogue.releasing import ReleaseHeld
from core.catalogue.sets import load_baseline, load_fetched
from core.channels.model import Channel
from core.clock import ManualClock
from core.cnpj import check_digits
from core.connections.model import Integration
from core.connections.repository import seal_secrets
from core.db.database import Database
from core.executions.model import Execution, LogLine, Step
from core.executions.retrying import RetryFailed
from core.executions.starting import CancelRun, Order, StartRun
from core.i18n import Translator
from core.ids import new_id
from core.jobs.model import Job, JobType
from core.organisations.model import Organisation
from core.organisations.usecases import PauseSending, ResumeSending
from core.outbox.model import Card, Message
from core.people.model import Person
from core.stores.model import Store
from core.texts import Text
from sandbox.crescevendas import PlatformServer
from sandbox.rp import RpServer
from tests.kit.hub import BOX, Hub, Setup
from tests.kit.oracle import Expected, Prices, expected_of

ERP, PLATFORM, OPS = "ERP", "Loyalty", "Ops"
PASSWORD, TOKEN = "invented-password", "invented-token"
GROUP, ADMIN = -100200300, 4001
STORES_AT_ONCE = 8
_ENGLISH = Translator("en", ZoneInfo("America/Sao_Paulo"))
_EVERY_EVENT = [
    *("start", "success", "partial", "failure", "cancelled", "missed", "recovered"),
    *("held", "not_live_before_opening", "needs_credentials"),
]


@dataclass(frozen=True)
class Run:
    """A run as it stands in the database; the dictionaries are by store name."""

    id: int
    state: str
    outcomes: dict[str, str | None]
    reasons: dict[str, str]
    counts: dict[str, dict[str, Any]]
    reason: str

    @property
    def outcome(self) -> str | None:
        """Return what became of every store alike. Fails when they differ."""
        (only,) = set(self.outcomes.values())
        return only


class Chain:
    """A configured organisation with its two servers. Stores are named `Loja 1`, `Loja 2`, …"""

    def __init__(
        self, database: Database, clock: ManualClock, setup: Setup, erp: RpServer, platform: PlatformServer
    ) -> None:
        self.database, self.clock, self.setup = database, clock, setup
        self.erp, self.platform = erp, platform
        self.hub = Hub(database, clock, setup)
        self.stores: list[Store] = []
        self.organisation_id = self.sync_job = self.compare_job = 0
        self.admin = Actor.system(0, "test")

    async def restart(self) -> None:
        """Replace the object graph, as a new process on the same database would."""
        await self.hub.close()
        self.hub = Hub(self.database, self.clock, self.setup)

    # Running

    async def sync(self, *stores: Store, dry_run: bool = False, at_once: int = STORES_AT_ONCE) -> Run:
        """Run the sync job for these stores, or all, to its end."""
        return await self.run(await self.start(*stores, dry_run=dry_run), at_once=at_once)

    async def compare(self, *stores: Store) -> Run:
        return await self.run(await self.start(*stores, kind=JobType.COMPARE_DATA))

    async def start(
        self, *stores: Store, kind: JobType = JobType.SYNC_PRODUCTS, dry_run: bool = False, key: str | None = None
    ) -> int:
        """Write a run as a person's command does; returns its number."""
        order = Order(key or new_id(), kind, words=[store.name for store in stores], dry_run=dry_run)
        started = await StartRun(self.database, self.hub.writer)(self.admin, order)
        return started.execution_id

    async def run(self, execution_id: int, at_once: int = STORES_AT_ONCE) -> Run:
        """Do what the engine does with a run: begin, every store, end."""
        runner, places = self.hub.runner, asyncio.Semaphore(at_once)

        async def one(store_id: int) -> None:
            async with places:
                await runner.run_store(execution_id, store_id)

        store_ids = await runner.begin(execution_id)
        await asyncio.gather(*map(one, store_ids))
        await runner.end(execution_id)
        return await self.view(execution_id)

    async def view(self, execution_id: int) -> Run:
        async with self.database.reading() as session:
            execution = await session.get_one(Execution, execution_id)
            found = await session.scalars(select(Step).where(Step.execution_id == execution_id))
            steps = {self._name(step.store_id): step for step in found}
        return Run(
            execution.id,
            execution.state,
            {name: step.outcome for name, step in steps.items()},
            {name: _words(step.reason) for name, step in steps.items()},
            {name: step.counts for name, step in steps.items()},
            _words(execution.reason),
        )

    async def runs(self) -> list[Run]:
        """Return every run there was, oldest first."""
        async with self.database.reading() as session:
            found = list(await session.scalars(select(Execution.id).order_by(Execution.id)))
        return [await self.view(execution_id) for execution_id in found]

    # What people do

    async def retry(self, run: Run) -> Run:
        started = await RetryFailed(self.database, self.hub.writer)(self.admin, run.id, new_id())
        return await self.run(started.execution_id)

    async def release(self, run: Run) -> Run:
        return await self.run(await self.start_release(run))

    async def start_release(self, run: Run) -> int:
        use_case = ReleaseHeld(self.database, self.clock, self.hub.recorder, self.hub.writer)
        return (await use_case(self.admin, new_id(), execution_id=run.id)).execution_id

    async def cancel(self, execution_id: int) -> None:
        await CancelRun(self.database, self.clock, self.hub.notices)(self.admin, execution_id)

    async def pause(self) -> None:
        await PauseSending(self.database, self.clock, self.hub.recorder)(self.admin)

    async def resume(self) -> None:
        await ResumeSending(self.database, self.hub.recorder)(self.admin)

    async def change(self, row: Any, **values: Any) -> None:
        """Set columns of a stored row (a store, job, organisation, integration, execution)."""
        async with self.database.writing() as session:
            stored = await session.get_one(type(row), row.id)
            for name, value in values.items():
                setattr(stored, name, value)
        for name, value in values.items():
            setattr(row, name, value)

    async def set_job(self, **settings: Any) -> None:
        """Set some of the sync job's settings."""
        async with self.database.writing() as session:
            job = await session.get_one(Job, self.sync_job)
            job.settings = job.settings | settings

    async def row(self, kind: type[Any], row_id: Any) -> Any:
        async with self.database.reading() as session:
            return await session.get_one(kind, row_id)

    async def integration(self, name: str) -> Integration:
        async with self.database.reading() as session:
            return (await session.scalars(select(Integration).where(Integration.name == name))).one()

    # What is where

    def live(self, store: Store) -> dict[str, Prices]:
        """Return what the platform has for a store and is not over, by code. Fails on a code that is there twice."""
        now = self.platform.local_now()
        lines = [line for line in self.platform.lines(registration(store)) if line.end > now]
        found = {line.code: (line.price, line.final_price, line.limit) for line in lines}
        assert len(found) == len(lines), "a code is live twice"
        return found

    def windows(self, store: Store) -> set[tuple[datetime, datetime]]:
        """Return the windows of a store's live lines, in the platform's own zone."""
        return {(line.start, line.end) for line in self.platform.lines(registration(store))}

    def expected(self, store: Store, last: Mapping[str, Prices] | None = None) -> Expected:
        """Return what `rules.md` 1 makes of the store's present catalogue."""
        return expected_of(self.erp.catalogue(store.cnpj), store_limit=store.limit, last=last)

    def uploads(self, store: Store | None = None) -> int:
        """Count the uploads that reached the platform's door, good or not."""
        bodies = self.platform.uploads
        return len(bodies) if store is None else sum(b["store_registrations"] == [registration(store)] for b in bodies)

    def posts(self) -> int:
        """Count upload requests, those spoiled before their body was looked at included."""
        return sum(entry.method == "POST" for entry in self.platform.journal)

    def logins(self) -> int:
        return sum(entry.path.endswith("/auth") for entry in self.erp.journal)

    def pages(self) -> int:
        return sum("/listaprodutos/" in entry.path for entry in self.erp.journal)

    async def verified(self, store: Store) -> dict[str, Prices] | None:
        """Return the store's baseline by code, None before the first."""
        async with self.database.reading() as session:
            baseline = await session.run_sync(load_baseline, store.id)
        lines = baseline.lines if baseline else {}
        return {x.code: (x.price, x.final_price, x.limit) for x in lines.values()} if baseline else None

    async def verified_days(self, store: Store) -> list[date]:
        async with self.database.reading() as session:
            wanted = select(VerifiedList.day).where(VerifiedList.store_id == store.id).order_by(VerifiedList.id)
            return list(await session.scalars(wanted))

    async def snapshot(self, store: Store) -> tuple[datetime, dict[str, tuple[Decimal, Decimal]]] | None:
        """Return when the store's snapshot was scanned and its prices by code, None without one."""
        async with self.database.reading() as session:
            if await session.get(Snapshot, store.id) is None:
                return None
            fetched = await session.run_sync(load_fetched, store.id)
        assert fetched is not None
        return fetched.scanned_at, {c.code: (c.base, c.final) for c in fetched.candidates}

    async def holds(self, store: Store, state: str = "open") -> list[tuple[str, str | None]]:
        """Return reason and code (None for the whole store) of a store's holds."""
        async with self.database.reading() as session:
            found = await session.scalars(select(Hold).where(Hold.store_id == store.id, Hold.state == state))
            return sorted(((hold.reason, hold.code) for hold in found), key=str)

    async def messages(self) -> list[str]:
        """Return the queued messages as English text."""
        async with self.database.reading() as session:
            found = await session.scalars(select(Message).order_by(Message.id))
            return ["\n".join(_words(line) for line in message.body["lines"]) for message in found]

    async def cards(self, run: Run) -> int:
        async with self.database.reading() as session:
            wanted = select(func.count()).select_from(Card).where(Card.execution_id == run.id)
            return await session.scalar(wanted) or 0

    async def log(self, run: Run) -> list[str]:
        async with self.database.reading() as session:
            found = await session.scalars(select(LogLine).where(LogLine.execution_id == run.id).order_by(LogLine.id))
            return [_words(line.text) for line in found]

    def _name(self, store_id: int) -> str:
        return next(store.name for store in self.stores if store.id == store_id)


MakeChain = Callable[..., Awaitable[Chain]]
"""A fixture that builds a chain with the keywords of `Setup`."""


@asynccontextmanager
async def open_chain(database: Database, clock: ManualClock, setup: Setup | None = None) -> AsyncIterator[Chain]:
    """Build a chain on an empty, migrated database and run its two servers."""
    setup = setup or Setup()
    cnpjs = [store_cnpj(number) for number in range(1, setup.stores + 1)]
    erp = RpServer({"100001": PASSWORD}, clock=clock.now)
    for number, cnpj in enumerate(cnpjs, start=1):
        erp.add_store(cnpj, unit_code=f"{number:03}", size=setup.products, discounted=setup.discounted)
    async with erp, PlatformServer(cnpjs, token=TOKEN, clock=clock.now) as platform:
        chain = Chain(database, clock, setup, erp, platform)
        await _configure(chain, cnpjs)
        try:
            yield chain
        finally:
            await chain.hub.close()


def store_cnpj(number: int) -> str:
    """Return an invented CNPJ: that of the first store is 11222333000181."""
    base = f"11222333{number:04}"
    return base + check_digits(base)


def registration(store: Store) -> str:
    return store.platform_registration or store.cnpj


async def _configure(chain: Chain, cnpjs: Sequence[str]) -> None:
    """Write what a configuration document would."""
    setup, now = chain.setup, chain.clock.now()
    async with chain.database.writing() as session:
        organisation = Organisation(name="Rede Exemplo", timezone=setup.timezone, locale="en")
        session.add(organisation)
        await session.flush()
        own: dict[str, Any] = {"organisation_id": organisation.id}
        person = Person(
            **own,
            telegram_id=ADMIN,
            name="Ana",
            role=Role.OWNER.key,
            created_at=now,
            private_chat=True,
            may_release=True,
        )
        stores = [
            Store(**own, name=f"Loja {n}", cnpj=cnpj, opening=setup.opening) for n, cnpj in enumerate(cnpjs, start=1)
        ]
        notify = [{"channel": OPS, "on": _EVERY_EVENT}]
        jobs = [
            Job(
                **own,
                name=name,
                type=kind,
                due_after=now,
                schedule=schedule,
                settings={"source": ERP, "target": PLATFORM} | settings,
                notify=notify,
            )
            for name, kind, schedule, settings in (
                ("Daily sync", JobType.SYNC_PRODUCTS, setup.schedule, dict(setup.sync)),
                ("Check", JobType.COMPARE_DATA, None, dict(setup.compare)),
            )
        ]
        channel = Channel(**own, name=OPS, module="telegram", settings={"chat_id": GROUP})
        session.add_all([person, *stores, *jobs, channel, *_integrations(chain, organisation.id)])
    chain.organisation_id, chain.stores = organisation.id, stores
    chain.sync_job, chain.compare_job = (job.id for job in jobs)
    chain.admin = person.actor("chat", "en")


def _integrations(chain: Chain, organisation_id: int) -> list[Integration]:
    quick = {"page_pause_ms": 0, "confirm_delay_ms": 0, "requests_per_minute": 0, "username": "100001"}
    erp = Integration(
        organisation_id=organisation_id,
        name=ERP,
        module="rp",
        settings={"base_url": chain.erp.url, "max_parallel_scans": STORES_AT_ONCE, "page_size": 20}
        | quick
        | dict(chain.setup.erp),
    )
    platform = Integration(
        organisation_id=organisation_id,
        name=PLATFORM,
        module="crescevendas",
        settings={"base_url": chain.platform.url, "email": "integration@example.test", "requests_per_minute": 0}
        | dict(chain.setup.platform),
    )
    seal_secrets(erp, {"password": PASSWORD}, BOX)
    seal_secrets(platform, {"token": TOKEN}, BOX)
    return [erp, platform]


def _words(document: Mapping[str, Any] | None) -> str:
    return "" if document is None else _ENGLISH(Text.from_json(document))
