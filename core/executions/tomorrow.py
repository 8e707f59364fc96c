"""Too late for today: tomorrow is offered (`rules.md` 2).

Either the job's own schedule comes in time, or a person plans one run of the stores that were
too late. It is a pending run with a due time ahead, so it survives restarts, can be seen and
cancelled, and does not keep the job from running before.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.clock import Clock, local_date
from core.db.database import Database
from core.errors import Conflict
from core.executions.model import Execution, Step
from core.executions.starting import PLANNED, NewRun, RunWriter, Started, own_execution, run_of
from core.executions.states import Outcome
from core.jobs.model import Job, JobType
from core.notices.chats import ChatRef
from core.organisations.model import Organisation
from core.schedules.cron import parse_cron
from core.stores.model import Store
from core.texts import T

BEFORE_OPENING = timedelta(hours=1)
"""How long before the first of the stores opens a planned run begins."""

_IN_TIME = timedelta(minutes=15)


class PlanTomorrow(UseCase):
    """Plan one run of the stores that were too late, for the next morning; once, however often asked."""

    permission = Permission.RUN

    def __init__(self, database: Database, clock: Clock, writer: RunWriter) -> None:
        self._database = database
        self._clock = clock
        self._writer = writer

    async def __call__(self, actor: Actor, execution_id: int, chat: ChatRef | None = None) -> tuple[Started, datetime]:
        """Return the planned run, and when it begins."""
        async with self._database.writing() as session:
            source = await own_execution(session, actor, execution_id)
            job = await session.get_one(Job, source.job_id, with_for_update=True)
            organisation = await session.get_one(Organisation, source.organisation_id)
            stores = [store for store in await _too_late(session, source) if actor.sees(store.id)]
            if not stores or source.dry_run:
                raise Conflict(T("No store of that run was too late: there is nothing to plan."))
            today = local_date(self._clock.now(), organisation.zone)
            due = _due(stores, organisation, today)
            if due <= self._clock.now():
                due = _due(stores, organisation, today + timedelta(days=1))
            key = f"tomorrow:{source.id}:{due.date()}:{_of_scope(actor)}"
            known = await run_of(session, key)
            if known is not None:
                return Started(known.id, job.name, new=False), known.due_at or due
            ids = [store.id for store in stores]
            run = NewRun(
                actor, key, PLANNED, ids, due_at=due, type=JobType(source.type), options={"tomorrow_of": source.id}
            )
            execution = await self._writer.write(session, job, run, chat)
            return Started(execution.id, job.name, new=True), due


def own_run_tomorrow(job: Job, organisation: Organisation, day: date, stores: Iterable[Store]) -> datetime | None:
    """Return when the job's own schedule runs on the day after `day`, if that is before these stores open."""
    if not job.enabled or job.schedule is None or job.deleted_at is not None:
        return None
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), organisation.zone)
    due = parse_cron(job.schedule).next_after(midnight - timedelta(seconds=1), organisation.zone)
    in_time = due is not None and due <= _opening(stores, organisation, day + timedelta(days=1)) - _IN_TIME
    return due if in_time else None


def _of_scope(actor: Actor) -> str:
    """Tell people apart who see other stores, however many: each of them plans their own."""
    if actor.store_ids is None:
        return "all"
    return hashlib.sha256(repr(sorted(actor.store_ids)).encode()).hexdigest()[:16]


def _due(stores: list[Store], organisation: Organisation, day: date) -> datetime:
    return max(
        _opening(stores, organisation, day) - BEFORE_OPENING,
        datetime.combine(day, datetime.min.time(), organisation.zone),
    )


def _opening(stores: Iterable[Store], organisation: Organisation, day: date) -> datetime:
    """Return when the first of these stores opens on a day."""
    return min(datetime.combine(day, store.opens_at(day), store.zone(organisation.zone)) for store in stores)


async def _too_late(session: AsyncSession, source: Execution) -> list[Store]:
    found = await session.scalars(
        select(Store)
        .join(Step, Step.store_id == Store.id)
        .where(
            Step.execution_id == source.id, Step.outcome == Outcome.TOO_LATE, Store.active, Store.deleted_at.is_(None)
        )
        .order_by(Step.position)
    )
    return list(found)
