"""Scans, lists and holds of a store, written as a run would, for tests that only read them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.catalogue.lines import Candidate, Line, Reject
from core.catalogue.model import Hold
from core.catalogue.prepare import canonical, digest, in_order
from core.catalogue.sets import Fetched, add_verified, keep_lines, keep_prepared, replace_snapshot
from core.clock import local_date
from core.db.database import Database
from core.executions.model import Execution
from core.jobs.model import Job, JobType
from core.organisations.model import Organisation
from core.stores.model import Store
from core.windows import Window, plan_window


def candidate(code: str, base: str = "18.90", final: str = "15.99", **values: Any) -> Candidate:
    named = {"name": f"PRODUTO {code}", "ean": ""} | values
    return Candidate(code=code, base=Decimal(base), final=Decimal(final), **named)


def line(code: str, base: str = "18.90", final: str = "15.99") -> Line:
    return Line(code, Decimal(base), Decimal(final), 1000)


class Shelf:
    """Fills the three sets of stores; `now` is when things happen."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def scan(
        self, store: Store, now: datetime, *found: Candidate, rejects: Mapping[Reject, list[str | int]] | None = None
    ) -> None:
        """Write what a complete scan found."""
        fetched = Fetched(now, 99, list(found), dict(rejects or {}))
        await self.database.write(lambda session: replace_snapshot(session, store.id, fetched))

    async def prepare(self, store: Store, now: datetime, *lines: Line, dry_run: bool = False) -> int:
        """Write what a run prepared; returns the run's number."""
        async with self.database.writing() as session:
            run = await _run(session, store, now, dry_run=dry_run)
            fingerprint = digest(lines)
            packed = canonical(in_order(lines))
            await session.run_sync(keep_lines, store.id, fingerprint, count=len(lines), packed=packed)
            note: dict[str, Any] = {"count": len(lines), "day": local_date(now, await _zone(session, store))}
            await session.run_sync(keep_prepared, run, store.id, digest=fingerprint, scanned_at=now, **note)
        return run

    async def verify(self, store: Store, now: datetime, *lines: Line) -> Window:
        """Write that a list was prepared, sent and read back; returns its window."""
        run = await self.prepare(store, now, *lines)
        async with self.database.writing() as session:
            zone = await _zone(session, store)
            window = plan_window(now, zone, store.opens_at(now.date()), timedelta(minutes=5))
            assert window is not None
            proof: dict[str, Any] = {"digest": digest(lines), "count": len(lines), "window": window}
            await session.run_sync(add_verified, run, store.id, verified_at=now, **proof)
        return window

    async def hold(self, store: Store, now: datetime, reason: str, codes: Iterable[str | None] = (None,)) -> None:
        """Write that a guard rail holds lines, or (None) the whole store."""
        async with self.database.writing() as session:
            run = await _run(session, store, now)
            session.add_all(
                Hold(
                    organisation_id=store.organisation_id,
                    store_id=store.id,
                    execution_id=run,
                    kind="store" if code is None else "line",
                    reason=reason,
                    created_at=now,
                    code=code,
                )
                for code in codes
            )


async def _zone(session: AsyncSession, store: Store) -> Any:
    organisation = await session.get_one(Organisation, store.organisation_id)
    return store.zone(organisation.zone)


async def _run(session: AsyncSession, store: Store, now: datetime, *, dry_run: bool = False) -> int:
    job = await session.scalar(select(Job).where(Job.organisation_id == store.organisation_id).limit(1))
    if job is None:
        job = Job(organisation_id=store.organisation_id, name="Daily sync", type=JobType.SYNC_PRODUCTS, due_after=now)
        session.add(job)
        await session.flush()
    number = await session.scalar(select(func.count(Execution.id)))
    execution = Execution(
        organisation_id=store.organisation_id,
        job_id=job.id,
        type=job.type,
        state="success",
        trigger="manual",
        requested_by="Ana",
        requested_by_id=None,
        dedupe_key=f"shelf:{number}",
        correlation_id="c",
        created_at=now,
        dry_run=dry_run,
        store_ids=[store.id],
    )
    session.add(execution)
    await session.flush()
    return execution.id
