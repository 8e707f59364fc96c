"""Fires jobs at their due times, once each, and catches up after a downtime.

The timer holds nothing: due times follow from each job's cron line and from `due_after`, the
instant up to which they were handled. That row changes together with the run it starts.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor
from core.clock import Clock, local_date
from core.db.database import Database
from core.errors import ChimeraError
from core.executions.model import Execution
from core.executions.starting import NewRun, RunWriter, close_unstarted, left_aside, open_runs
from core.executions.states import Event, State
from core.jobs.model import Job, JobType
from core.jobs.settings import CatchUp, Overlap, read_settings
from core.organisations.model import Organisation
from core.outbox.wake import Wake
from core.schedules.cron import Cron, parse_cron
from core.stores.repository import stores_of_job
from core.texts import T, Text

log = structlog.get_logger(__name__)

LONGEST_SLEEP = 5.0
"""Seconds after which the jobs are looked at again, since other processes may change them."""

GRACE = timedelta(minutes=2)
"""A due time fired this late is still on time; later it is a catch-up."""

_LOOK_BACK = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Due:
    """A job whose time has come; `due` is the latest of its due times that passed."""

    job_id: int
    due: datetime


class Scheduler:
    """One loop that sleeps until the earliest due time."""

    def __init__(self, database: Database, clock: Clock, writer: RunWriter, wake: Wake) -> None:
        self._database = database
        self._clock = clock
        self._writer = writer
        self._wake = wake
        self._began = clock.now()

    async def run(self) -> None:
        """Fire for ever; a database that refuses for a moment is asked again."""
        while True:
            seconds = LONGEST_SLEEP
            try:
                seconds = await self.tick()
            except ChimeraError as error:
                log.warning("scheduling failed", error=str(error))
            await asyncio.sleep(min(seconds, LONGEST_SLEEP))

    async def tick(self) -> float:
        """Fire what is due now. Returns the seconds until the next due time, at most a while."""
        async with self._database.reading() as session:
            rows = await session.execute(
                select(Job, Organisation)
                .join(Organisation, Organisation.id == Job.organisation_id)
                .where(Job.enabled, Job.schedule.is_not(None), Job.deleted_at.is_(None))
            )
            jobs = [(job, organisation) for job, organisation in rows]
        soonest = LONGEST_SLEEP
        for job, organisation in jobs:
            try:
                soonest = min(soonest, await self._look_at(job, organisation))
            except (ChimeraError, ValidationError) as error:
                # One job that cannot be understood must not keep the others from their times.
                log.warning("job cannot be scheduled", job=job.name, error=str(error))
        return max(soonest, 0.0)

    async def _look_at(self, job: Job, organisation: Organisation) -> float:
        """Fire the job if it is due. Returns the seconds until its next time, at most a while."""
        cron = parse_cron(job.schedule or "")
        now = self._clock.now()
        # A clock that was turned back finds due times that are marked as handled in its future;
        # the run's key still keeps each of them from firing twice.
        after = job.due_after if job.due_after <= now else self._began
        due = last_due(cron, after, now, organisation)
        if due is not None:
            await self._fire(Due(job.id, due))
        following = cron.next_after(max(now, due or now), organisation.zone)
        return LONGEST_SLEEP if following is None else (following - self._clock.now()).total_seconds()

    async def _fire(self, due: Due) -> None:
        async with self._database.writing() as session:
            job = await session.get_one(Job, due.job_id, with_for_update=True)
            key = f"due:{job.id}:{due.due.isoformat()}"
            if await session.scalar(select(Execution.id).where(Execution.dedupe_key == key)) is not None:
                return
            job.due_after = due.due
            kind, dry_run = JobType(job.type), bool(job.settings.get("dry_run"))
            overlap = read_settings(job.type, job.settings).overlap
            stores = [store.id for store in await stores_of_job(session, job)]
            running = await open_runs(session, job.id)
            rest = left_aside(stores, running, kind, dry_run=dry_run) if overlap is Overlap.SKIP else stores
            actor = Actor.system(job.organisation_id, "schedule")
            run = NewRun(actor, key, "schedule", rest or stores, dry_run=dry_run, due_at=due.due)
            idle = kind.about_stores and not stores
            unable = await self._why_not(session, job, due, has_stores=not idle)
            unable = unable or _in_the_way(running, overlap, rest)
            execution = await self._writer.write(session, job, run, announced=unable is None)
            if unable is not None:
                await self._close(session, execution, job, unable)
        self._wake.ring()
        log.info("job due", job=job.name, due=due.due.isoformat(), state=execution.state)

    async def _why_not(
        self, session: AsyncSession, job: Job, due: Due, *, has_stores: bool
    ) -> tuple[State, Text] | None:
        """Return why this due time starts nothing, or None when it does."""
        settings = read_settings(job.type, job.settings)
        organisation = await session.get_one(Organisation, job.organisation_id)
        now = self._clock.now()
        if not has_stores:
            return State.SKIPPED, T("The job “{job}” has no active store. Add or activate one first.", job=job.name)
        if now - due.due > GRACE:
            if settings.catch_up is CatchUp.SKIP:
                return State.MISSED, T("Chimera was not running at {due}, and this job does not catch up.", due=due.due)
            if local_date(due.due, organisation.zone) != local_date(now, organisation.zone):
                return State.MISSED, T("Chimera was not running at {due}, and that day is over.", due=due.due)
        return None

    async def _close(self, session: AsyncSession, execution: Execution, job: Job, unable: tuple[State, Text]) -> None:
        state, reason = unable
        await close_unstarted(session, execution, state, self._clock.now())
        execution.reason = reason.to_json()
        await self._writer.notices.on_event(session, execution, job, Event.MISSED)


def _in_the_way(running: list[Execution], overlap: Overlap, rest: list[int]) -> tuple[State, Text] | None:
    """Return why the run at work keeps the due one from starting, or None; one to be replaced is told to stop.

    A run of other stores, or a mere try, is no reason to leave out a day: the due one comes after it for the rest.
    """
    if running and overlap is Overlap.SKIP and not rest:
        return State.SKIPPED, T("Run {number} was still at work.", number=str(running[0].id))
    if running and overlap is Overlap.REPLACE:
        running[0].cancel_requested_by = running[0].cancel_requested_by or "schedule"
    return None


def last_due(cron: Cron, after: datetime, now: datetime, organisation: Organisation) -> datetime | None:
    """Return the latest due time in (after, now], or None when none passed.

    After a long downtime only the last day and a half are walked through; of what is older,
    the first one stands for all.
    """
    found = cron.next_after(after, organisation.zone)
    if found is None or found > now:
        return None
    due = cron.next_after(max(after, now - _LOOK_BACK), organisation.zone)
    while due is not None and due <= now:
        found = due
        due = cron.next_after(due, organisation.zone)
    return found
