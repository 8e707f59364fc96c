"""How the syncs of the last days went: success, duration, volumes, day by day (CH-16)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.clock import Clock, local_date
from core.db.database import Database
from core.executions.model import Execution, Step
from core.executions.states import WORKED_OUT, Outcome, State
from core.jobs.model import Job, JobType
from core.organisations.model import Organisation


@dataclass(slots=True)
class DayStats:
    """One day of the organisation. `lines` are discounts proven live, `read` products of the ERP."""

    day: date
    good: int = 0
    bad: int = 0
    lines: int = 0
    read: int = 0


@dataclass(frozen=True, slots=True)
class Stats:
    """The days up to the last one, oldest first, days without a run too; `took` the runs' durations.

    `never_good` are stores that no run of these days brought to a good end.
    """

    days: list[DayStats]
    runs: int
    good_runs: int
    took: list[timedelta]
    never_good: list[int]

    @property
    def stores(self) -> int:
        return sum(day.good + day.bad for day in self.days)

    @property
    def good_stores(self) -> int:
        return sum(day.good for day in self.days)


@dataclass(frozen=True, slots=True)
class Period:
    """So many days up to the last one, at a place."""

    last: date
    days: int
    zone: ZoneInfo

    @property
    def first(self) -> date:
        return self.last - timedelta(days=self.days - 1)


class _Row(NamedTuple):
    """One store of one run."""

    execution_id: int
    state: str
    began: datetime
    ended: datetime | None
    store_id: int
    outcome: str | None
    counts: dict[str, object]


@dataclass(slots=True)
class _Sums:
    days: dict[date, DayStats]
    states: dict[int, str] = field(default_factory=dict)
    took: dict[int, timedelta] = field(default_factory=dict)
    good: set[int] = field(default_factory=set)
    bad: set[int] = field(default_factory=set)

    def add(self, row: _Row, zone: ZoneInfo) -> None:
        day = self.days.get(local_date(row.began, zone))
        if day is None or row.outcome is None:
            return
        self.states[row.execution_id] = row.state
        if row.ended is not None:
            self.took[row.execution_id] = row.ended - row.began
        day.read += _number(row.counts, "read")
        if WORKED_OUT in row.counts:
            return
        if Outcome(row.outcome).good:
            day.good += 1
            self.good.add(row.store_id)
            day.lines += _number(row.counts, "lines")
        else:
            day.bad += 1
            self.bad.add(row.store_id)


class ShowStats(UseCase):
    """Sum up the syncs of the last days, in the stores that the actor may see; dry runs do not count.

    Of stores that the old system still sends only what was read counts: they ended neither well nor badly.
    """

    permission = Permission.VIEW

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor, *, days: int) -> Stats:
        async with self._database.reading() as session:
            zone = (await session.get_one(Organisation, actor.organisation_id)).zone
            period = Period(local_date(self._clock.now(), zone), days, zone)
            rows = await _rows(session, period, Execution.organisation_id == actor.organisation_id)
        return _sum((row for row in rows if actor.sees(row.store_id)), period)


async def stats_of_job(session: AsyncSession, job: Job, period: Period) -> Stats:
    """Sum up the runs of one job over some days."""
    return _sum(await _rows(session, period, Execution.job_id == job.id), period)


async def _rows(session: AsyncSession, period: Period, which: ColumnElement[bool]) -> list[_Row]:
    found = await session.execute(
        select(
            Execution.id,
            Execution.state,
            Execution.started_at,
            Execution.finished_at,
            Step.store_id,
            Step.outcome,
            Step.counts,
        )
        .join(Step, Step.execution_id == Execution.id)
        .where(which, Execution.type == JobType.SYNC_PRODUCTS, Execution.dry_run.is_(False))
        .where(Execution.started_at >= datetime.combine(period.first, time.min, period.zone))
    )
    return [_Row(*row) for row in found]


def _sum(rows: Iterable[_Row], period: Period) -> Stats:
    days = (period.first + timedelta(days=number) for number in range(period.days))
    sums = _Sums({day: DayStats(day) for day in days})
    for row in rows:
        sums.add(row, period.zone)
    good = sum(state == State.SUCCESS for state in sums.states.values())
    never = sorted(sums.bad - sums.good)
    return Stats(list(sums.days.values()), len(sums.states), good, list(sums.took.values()), never)


def _number(counts: dict[str, object], name: str) -> int:
    value = counts.get(name, 0)
    return value if isinstance(value, int) else 0
