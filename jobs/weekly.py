"""The weekly report: on Mondays, how the week before went, where a job's rules ask for it (CH-16)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock
from core.db.database import Database, StorageFailed
from core.executions.figures import figures
from core.executions.replacing import some
from core.executions.states import Event
from core.executions.stats import DayStats, Period, Stats, stats_of_job
from core.i18n import Translator
from core.jobs.model import Job, JobType
from core.notices.channels import Notices
from core.notices.listeners import listeners
from core.organisations.model import Organisation
from core.outbox.content import Attachment
from core.outbox.model import Message
from core.stores.model import Store
from core.texts import TN, T, Text
from jobs.alerts import POLL_SECONDS

log = structlog.get_logger(__name__)
_MONDAY = 0
_WEEK = 7
_FROM, _UNTIL = time(8), time(20)
"""When it is told; who was away all Monday is told nothing old."""

DrawStats = Callable[[Stats, Translator], Awaitable[Attachment]]


@dataclass(frozen=True, slots=True)
class _Week:
    """A job's week before a Monday, and in which languages it is told."""

    job: Job
    home: Organisation
    period: Period
    stats: Stats
    never_good: list[str]
    locales: set[str]

    @property
    def key(self) -> str:
        return _key(self.job, self.period)


class WeeklyReport:
    """Tells once per job and week, with a chart; nobody is told who did not ask for it."""

    def __init__(self, database: Database, clock: Clock, notices: Notices, draw: DrawStats) -> None:
        self._database = database
        self._clock = clock
        self._notices = notices
        self._draw = draw
        self._told: set[str] = set()

    async def run(self) -> None:
        """Look for ever; a database that refuses for a moment is asked again."""
        while True:
            try:
                await self.tick()
            except StorageFailed as error:
                log.warning("weekly report failed", error=str(error))
            await asyncio.sleep(POLL_SECONDS)

    async def tick(self) -> None:
        async with self._database.reading() as session:
            jobs = await session.scalars(
                select(Job).where(Job.type == JobType.SYNC_PRODUCTS, Job.enabled, Job.deleted_at.is_(None))
            )
            weeks = [week for job in jobs.all() if (week := await self._week(session, job)) is not None]
        for week in weeks:
            await self._tell(week)
            self._told.add(week.key)

    async def _week(self, session: AsyncSession, job: Job) -> _Week | None:
        """Return the job's last week if it is time to tell of it, and somebody wants to know."""
        home = await session.get_one(Organisation, job.organisation_id)
        now = self._clock.now().astimezone(home.zone)
        period = Period(now.date() - timedelta(days=1), _WEEK, home.zone)
        if (
            now.weekday() != _MONDAY
            or not _FROM <= now.time() < _UNTIL
            or f"weekly:{job.id}:{period.last}" in self._told
        ):
            return None
        told = await listeners(session, home, job, Event.WEEKLY_REPORT)
        if not told:
            return None
        stats = await stats_of_job(session, job, period)
        names = await session.scalars(select(Store.name).where(Store.id.in_(stats.never_good)).order_by(Store.name))
        chats = {one.chat.locale for one in told if not one.beyond_telegram}
        return _Week(job, home, period, stats, list(names), chats)

    async def _tell(self, week: _Week) -> None:
        lines = _lines(week.job.name, week.period.first, week.period.last, week.stats, week.never_good)
        pictures = await self._pictures(week) if week.stats.runs and not await self._known(week.key) else {}
        async with self._database.writing() as session:
            await self._notices.tell(session, week.job, Event.WEEKLY_REPORT, lines, key=week.key, pictures=pictures)

    async def _known(self, key: str) -> bool:
        """Tell whether it was told before a restart: then nothing needs to be drawn."""
        async with self._database.reading() as session:
            found = select(Message.id).where(Message.dedupe_key.startswith(f"{key}:", autoescape=True)).limit(1)
            return await session.scalar(found) is not None

    async def _pictures(self, week: _Week) -> dict[str, Attachment]:
        home = week.home
        return {
            locale: await self._draw(week.stats, Translator(locale, home.zone, home.currency))
            for locale in sorted(week.locales)
        }


def _key(job: Job, period: Period) -> str:
    return f"weekly:{job.id}:{period.last}"


def example_week(job: str, stores: Sequence[str], today: date) -> list[Text]:
    """Return the report of a week that never was."""
    last = today - timedelta(days=today.weekday() + 1)
    days = [DayStats(last, good=48, bad=2, lines=1200, read=20900)]
    stats = Stats(days, _WEEK, _WEEK - 1, [timedelta(minutes=3)], [])
    return _lines(job, last - timedelta(days=_WEEK - 1), last, stats, stores)


def _lines(job: str, first: date, last: date, stats: Stats, never_good: Sequence[str]) -> list[Text]:
    title = T("📊 {job}: the week from {first} to {last}", job=job, first=first, last=last)
    if not stats.runs:
        return [title, T("No sync ran in that week. /status says what is due.")]
    never = TN(
        "✋ {n} store never ended well: {stores}",
        "✋ {n} stores never ended well: {stores}",
        len(never_good),
        stores=some(list(never_good)),
    )
    return [title, *figures(stats), *([never] if never_good else [])]
