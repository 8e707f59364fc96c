"""Looking back at runs: filtered, page by page (CH-8)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.clock import Clock, local_date
from core.db.database import Database
from core.executions.model import Execution, Step
from core.executions.states import GOOD_OUTCOMES, OPEN_STATES, WORKED_OUT, State
from core.jobs.model import Job, JobType
from core.organisations.model import Organisation
from core.paging import Paging, Slice


class Kind(StrEnum):
    """States as people ask for them."""

    OPEN = "open"
    GOOD = "good"
    PROBLEM = "problem"
    NOT_RUN = "not_run"


_STATES: dict[Kind, Collection[State]] = {
    Kind.OPEN: OPEN_STATES,
    Kind.GOOD: (State.SUCCESS,),
    Kind.PROBLEM: (State.PARTIAL, State.FAILED, State.TIMED_OUT),
    Kind.NOT_RUN: (State.CANCELLED, State.SKIPPED, State.MISSED, State.EXPIRED),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which runs somebody wants to see; None: whichever. `day` is the organisation's."""

    job_id: int | None = None
    kind: Kind | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in a list. `good` and `stores` count those that the actor may see."""

    id: int
    job: str
    type: str
    state: State
    dry_run: bool
    at: datetime
    stores: int
    good: int


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job in a list."""

    id: int
    name: str
    type: JobType
    enabled: bool


class SearchRuns(UseCase):
    """The organisation's runs, newest first; whoever has some stores only sees runs of those."""

    permission = Permission.VIEW

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor, wish: Filter, paging: Paging) -> Slice[RunRow]:
        async with self._database.reading() as session:
            organisation = await session.get_one(Organisation, actor.organisation_id)
            wanted = _wanted(actor, wish, organisation)
            total = await session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
            page = paging.clamp(total)
            chosen = wanted.order_by(Execution.id.desc()).offset(page.offset).limit(page.size)
            rows = [await _row(session, actor, execution) for execution in list(await session.scalars(chosen))]
        return Slice(rows, total, page)


class ListJobs(UseCase):
    """The organisation's jobs by name."""

    permission = Permission.VIEW

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor) -> list[JobRow]:
        wanted = select(Job).where(Job.organisation_id == actor.organisation_id, Job.deleted_at.is_(None))
        async with self._database.reading() as session:
            found = await session.scalars(wanted.order_by(Job.name))
            return [JobRow(job.id, job.name, JobType(job.type), job.enabled) for job in found]


class RecentDays(UseCase):
    """The last days, today first: to filter by one of them."""

    permission = Permission.VIEW

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor, number: int = 7) -> list[date]:
        async with self._database.reading() as session:
            organisation = await session.get_one(Organisation, actor.organisation_id)
        today = local_date(self._clock.now(), organisation.zone)
        return [today - timedelta(days=back) for back in range(number)]


def _wanted(actor: Actor, wish: Filter, organisation: Organisation) -> Select[Execution]:
    wanted = select(Execution).where(Execution.organisation_id == actor.organisation_id)
    if actor.store_ids is not None:
        wanted = wanted.where(Execution.id.in_(select(Step.execution_id).where(Step.store_id.in_(actor.store_ids))))
    if wish.job_id is not None:
        wanted = wanted.where(Execution.job_id == wish.job_id)
    if wish.kind is not None:
        wanted = wanted.where(Execution.state.in_(_STATES[wish.kind]))
    if wish.day is not None:
        wanted = wanted.where(*_during(wish.day, organisation))
    return wanted


def _during(day: date, organisation: Organisation) -> tuple[ColumnElement[bool], ...]:
    begin = datetime.combine(day, time(), organisation.zone)
    end = datetime.combine(day + timedelta(days=1), time(), organisation.zone)
    return Execution.created_at >= begin, Execution.created_at < end


async def _row(session: AsyncSession, actor: Actor, execution: Execution) -> RunRow:
    job = await session.get_one(Job, execution.job_id)
    columns = (Step.store_id, Step.outcome, Step.counts)
    steps = await session.execute(select(*columns).where(Step.execution_id == execution.id))
    outcomes = [outcome for store_id, outcome, counts in steps if actor.sees(store_id) and WORKED_OUT not in counts]
    good = sum(outcome in GOOD_OUTCOMES for outcome in outcomes)
    at = execution.started_at or execution.created_at
    return RunRow(
        execution.id, job.name, execution.type, State(execution.state), execution.dry_run, at, len(outcomes), good
    )
