"""The morning digest: before the first store opens, how many are live and who needs somebody (CH-16)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock, local_date
from core.db.database import Database, StorageFailed
from core.executions.model import Step
from core.executions.states import Event
from core.executions.words import sent_by_old_system
from core.jobs.model import Job, JobType
from core.notices.channels import Notices
from core.notices.words import WHAT_NEXT
from core.organisations.model import Organisation
from core.stores.model import Store
from core.stores.repository import stores_of_job
from core.texts import TN, T, Text
from jobs.alerts import BEFORE_OPENING, POLL_SECONDS
from jobs.settled import Settled, settled_stores

log = structlog.get_logger(__name__)
_AFTER_OPENING = timedelta(hours=1)
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class _Morning:
    """A job's stores (id, name) on one of their days; beside them, how many the old system sends (CH-11)."""

    job: Job
    day: date
    stores: dict[int, str]
    worked_out: int


class MorningDigest:
    """Tells once per job and day; to the owners themselves where no rule names the event."""

    def __init__(self, database: Database, clock: Clock, notices: Notices) -> None:
        self._database = database
        self._clock = clock
        self._notices = notices
        self._told: set[tuple[int, date]] = set()

    async def run(self) -> None:
        """Look for ever; a database that refuses for a moment is asked again."""
        while True:
            try:
                await self.tick()
            except StorageFailed as error:
                log.warning("morning digest failed", error=str(error))
            await asyncio.sleep(POLL_SECONDS)

    async def tick(self) -> None:
        wanted = select(Job).where(
            Job.type == JobType.SYNC_PRODUCTS, Job.enabled, Job.schedule.is_not(None), Job.deleted_at.is_(None)
        )
        async with self._database.reading() as session:
            jobs = list(await session.scalars(wanted))
            mornings = [one for job in jobs if (one := await self._morning(session, job)) is not None]
        for morning in mornings:
            if (morning.job.id, morning.day) not in self._told:
                await self._tell(morning)
                self._told.add((morning.job.id, morning.day))

    async def _morning(self, session: AsyncSession, job: Job) -> _Morning | None:
        """Return the job's morning if it is the time for its digest."""
        organisation = await session.get_one(Organisation, job.organisation_id)
        everywhere = await stores_of_job(session, job)
        stores = [store for store in everywhere if store.cut_over]
        if not stores:
            return None
        now = self._clock.now()
        first = min(_opens(store, organisation, now) for store in stores)
        if not first - BEFORE_OPENING <= now <= first + _AFTER_OPENING:
            return None
        names = {store.id: store.name for store in stores}
        return _Morning(job, first.date(), names, len(everywhere) - len(stores))

    async def _tell(self, morning: _Morning) -> None:
        job, day = morning.job, morning.day
        async with self._database.writing() as session:
            settled = await settled_stores(session, job, morning.stores, day)
            carrying = {number: name for number, name in morning.stores.items() if number not in settled.empty}
            needing = await _needing(session, carrying, settled, day)
            lines = [*morning_lines(carrying, needing), *without_discounts(len(settled.empty))]
            lines += sent_by_old_system(morning.worked_out)
            await self._notices.tell(session, job, Event.DIGEST, lines, key=f"digest:{job.id}:{day}")


def _opens(store: Store, organisation: Organisation, now: datetime) -> datetime:
    """Return when the store opens today, in its own zone."""
    zone = store.zone(organisation.zone)
    day = local_date(now, zone)
    return datetime.combine(day, store.opens_at(day), zone)


async def _needing(
    session: AsyncSession, stores: dict[int, str], settled: Settled, day: date
) -> dict[int, Text | None]:
    """Return the stores without a proven campaign that day, each with what its last run said."""
    steps = await session.execute(
        select(Step.store_id, Step.reason)
        .where(Step.store_id.in_(stores), Step.day == day, Step.outcome.is_not(None))
        .order_by(Step.execution_id)
    )
    last = {row.store_id: row.reason for row in steps}
    needing: dict[int, Text | None] = {}
    for store_id in stores:
        if store_id not in settled:
            reason = last.get(store_id)
            needing[store_id] = None if reason is None else Text.from_json(reason)
    return needing


def morning_lines(stores: Mapping[int, str], needing: Mapping[int, Text | None]) -> list[Text]:
    """Say how many stores are live, and which need somebody."""
    total = len(stores)
    if not stores:
        return [T("☀️ Good morning.")]
    if not needing:
        return [
            TN(
                "☀️ Good morning. The store carries today's discounts.",
                "☀️ Good morning. All {n} stores carry today's discounts.",
                total,
            )
        ]
    head = TN(
        "☀️ Good morning. {live} of {total} stores live, {n} needs you:",
        "☀️ Good morning. {live} of {total} stores live, {n} need you:",
        len(needing),
        live=total - len(needing),
        total=total,
    )
    named = [_store(stores[store_id], reason) for store_id, reason in list(needing.items())[:_SHOWN]]
    more = [T("… and {n} more", n=len(needing) - _SHOWN)] if len(needing) > _SHOWN else []
    return [head, *named, *more, WHAT_NEXT]


def without_discounts(stores: int) -> list[Text]:
    """Say how many stores carry nothing today because a person wanted it so."""
    text = TN(
        "{n} store carries no discounts today: cleared, or released without any.",
        "{n} stores carry no discounts today: cleared, or released without any.",
        stores,
    )
    return [text] if stores else []


def _store(name: str, reason: Text | None) -> Text:
    if reason is None:
        return T("• {store}: nothing was sent today", store=name)
    return T("• {store}: {reason}", store=name, reason=reason)
