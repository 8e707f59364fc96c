"""Looks, before stores open, whether their campaign is live (`rules.md` 4)."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock, local_date
from core.db.database import Database, StorageFailed
from core.executions.states import Event
from core.jobs.model import Job, JobType
from core.notices.channels import Notices
from core.organisations.model import Organisation
from core.stores.repository import stores_of_job
from core.texts import TN, T, Text
from jobs.settled import settled_stores

log = structlog.get_logger(__name__)
POLL_SECONDS = 20.0
BEFORE_OPENING = timedelta(minutes=15)
_AFTER_OPENING = timedelta(hours=1)
_SHOWN = 10


class OpeningWatch:
    """Raises `not_live_before_opening`, once per job, day and opening time."""

    def __init__(self, database: Database, clock: Clock, notices: Notices) -> None:
        self._database = database
        self._clock = clock
        self._notices = notices

    async def run(self) -> None:
        """Look for ever; a database that refuses for a moment is asked again."""
        while True:
            try:
                await self.tick()
            except StorageFailed as error:
                log.warning("opening watch failed", error=str(error))
            await asyncio.sleep(POLL_SECONDS)

    async def tick(self) -> None:
        async with self._database.reading() as session:
            jobs = await session.scalars(
                select(Job).where(
                    Job.type == JobType.SYNC_PRODUCTS,
                    Job.enabled,
                    Job.schedule.is_not(None),
                    Job.deleted_at.is_(None),
                )
            )
            late = [(job, await self._late(session, job)) for job in jobs]
        for job, groups in late:
            for (day, opening), stores in groups.items():
                await self._alert(job, day, opening, stores)

    async def _late(self, session: AsyncSession, job: Job) -> dict[tuple[date, time], list[str]]:
        organisation = await session.get_one(Organisation, job.organisation_id)
        groups: dict[tuple[date, time], list[str]] = defaultdict(list)
        for store in await stores_of_job(session, job):
            if not store.cut_over:
                continue
            zone = store.zone(organisation.zone)
            now = self._clock.now().astimezone(zone)
            opens = datetime.combine(now.date(), store.opens_at(now.date()), zone)
            about_to_open = opens - BEFORE_OPENING <= now <= opens + _AFTER_OPENING
            if not about_to_open:
                continue
            if store.id not in await settled_stores(session, job, [store.id], local_date(now, zone)):
                groups[now.date(), opens.time()].append(store.name)
        return groups

    async def _alert(self, job: Job, day: date, opening: time, stores: list[str]) -> None:
        lines = not_live(opening, stores)
        async with self._database.writing() as session:
            await self._notices.tell(
                session, job, Event.NOT_LIVE_BEFORE_OPENING, lines, key=f"notlive:{job.id}:{day}:{opening:%H:%M}"
            )


def not_live(opening: time, stores: Sequence[str]) -> list[Text]:
    """Say which stores are not live before they open, and what to do."""
    lines: list[Text] = [
        TN(
            "🔔 {n} store is not live before opening at {opening}:",
            "🔔 {n} stores are not live before opening at {opening}:",
            len(stores),
            opening=opening,
        ),
        *(T("• {store}", store=name) for name in stores[:_SHOWN]),
    ]
    if len(stores) > _SHOWN:
        lines.append(T("… and {n} more", n=len(stores) - _SHOWN))
    lines.append(T("Look at /status, and start /sync when the cause is gone."))
    return lines
