"""Starting runs: one row first, from which everything else follows (X-9).

However often the same cause arrives (a repeated update, a tick after a crash), its
`dedupe_key` makes it one run; and a job that is at work is pointed to, not run beside itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.db.database import Database
from core.errors import BadInput, Conflict, Forbidden, NotFound
from core.executions.model import Execution, Step
from core.executions.states import OPEN_STATES, Event, Outcome, State
from core.ids import new_id
from core.jobs.model import Job, JobType
from core.notices.channels import Notices
from core.notices.chats import ChatRef
from core.organisations.model import Organisation
from core.stores.repository import active_stores, find_stores, stores_of_job
from core.texts import T

PLANNED = "tomorrow"
"""What triggers a run that a person planned for the next morning."""


RELEASE = "release"
"""What triggers a run that sends what a person released."""


@dataclass(frozen=True, slots=True)
class Started:
    """The run that a request led to; `new` is False when it was at work, or has ended, already.

    `rest` are stores that were asked for and that no run at work takes care of; `after` is the run
    that a new one waits for; `held` counts stores left out since they wait for a person. `followed`: it
    was asked for in another way than it began, and has a card in the chat that asked.
    """

    execution_id: int
    job: str
    new: bool
    ended_at: datetime | None = None
    rest: tuple[int, ...] = ()
    after: int | None = None
    held: int = 0
    followed: bool = False

    @classmethod
    def before(cls, run: Execution, job: Job) -> "Started":
        """Return the run that was there already."""
        return cls(run.id, job.name, new=False, ended_at=run.finished_at)


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants to run. `words` or `store_ids` name stores; none means the stores of the job.

    `chat` gets the run's card, `key` identifies the cause (an update, a tap, a due time). With `after`
    what a run at work leaves aside is started once that has ended.
    """

    key: str
    type: JobType = JobType.SYNC_PRODUCTS
    job_name: str | None = None
    words: Sequence[str] = ()
    dry_run: bool = False
    chat: ChatRef | None = None
    trigger: str = "manual"
    store_ids: Sequence[int] = ()
    after: bool = False


class SeveralJobs(Conflict):
    """More than one job could be meant: the person chooses among `names`."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(T("Several jobs could be meant: {names}. Which one?", names=names))
        self.names = names


@dataclass(slots=True)
class NewRun:
    """The parts of a run's row that differ by how it came about."""

    actor: Actor
    key: str
    trigger: str
    store_ids: list[int]
    dry_run: bool = False
    due_at: datetime | None = None
    type: str | None = None
    options: dict[str, Any] = field(default_factory=dict)


class RunWriter:
    """Writes a new run with its steps. Callers decide whether it may be."""

    def __init__(self, clock: Clock, notices: Notices) -> None:
        self.clock = clock
        self.notices = notices

    async def write(
        self, session: AsyncSession, job: Job, run: NewRun, chat: ChatRef | None = None, *, announced: bool = True
    ) -> Execution:
        """Insert execution, steps and, if `announced`, the cards of those told of a start."""
        context = structlog.contextvars.get_contextvars()
        execution = Execution(
            organisation_id=job.organisation_id,
            job_id=job.id,
            type=run.type or job.type,
            state=State.PENDING,
            trigger=run.trigger,
            requested_by=run.actor.name,
            requested_by_id=run.actor.person_id,
            dedupe_key=run.key,
            correlation_id=context.get("correlation_id") or new_id(),
            created_at=self.clock.now(),
            dry_run=run.dry_run,
            store_ids=run.store_ids,
            options=run.options,
            due_at=run.due_at,
        )
        session.add(execution)
        await session.flush()
        session.add_all(
            Step(execution_id=execution.id, store_id=store_id, position=position)
            for position, store_id in enumerate(run.store_ids)
        )
        if chat is not None:
            await self.notices.open_card(session, execution, chat)
        if announced:
            await self.notices.on_event(session, execution, job, Event.START)
        return execution

    async def begin(self, session: AsyncSession, job: Job, run: NewRun, chat: ChatRef | None) -> Started:
        """Write a run that a person asked for, as `write` does."""
        execution = await self.write(session, job, run, chat)
        return Started(execution.id, job.name, new=True)

    async def there_already(self, session: AsyncSession, job: Job, key: str, chat: ChatRef | None) -> Started | None:
        """Return the run that this cause led to before, else the one at work; None when a new one may begin.

        The job is locked, so that whoever starts it at this moment waits and finds the first one's run.
        """
        if (repeated := await run_of(session, key)) is not None:
            return Started.before(repeated, job)
        running = await open_run(session, job.id)
        return None if running is None else await self.follow(session, running, job, chat)

    async def follow(self, session: AsyncSession, running: Execution, job: Job, chat: ChatRef | None) -> Started:
        """Return the run that is there already, with a card where it was asked for."""
        if chat is not None:
            await self.notices.open_card(session, running, chat)
        return replace(Started.before(running, job), followed=True)


class StartRun(UseCase):
    """Run a job now, or point to the run that is at work (`rules.md` 5)."""

    permission = Permission.RUN

    def __init__(self, database: Database, writer: RunWriter) -> None:
        self._database = database
        self._writer = writer

    async def __call__(self, actor: Actor, order: Order) -> Started:
        async with self._database.writing() as session:
            repeated = await run_of(session, order.key)
            if repeated is not None:
                job = await session.get_one(Job, repeated.job_id)
                return Started.before(repeated, job)
            job = await _choose_job(session, actor, order)
            stores = await _stores(session, actor, job, order) if order.type.about_stores else []
            dry_run = order.dry_run or (order.type is JobType.SYNC_PRODUCTS and bool(job.settings.get("dry_run")))
            running = await open_runs(session, job.id)
            if running:
                stores = left_aside(stores, running, order.type, dry_run=dry_run)
                if not (order.after and stores):
                    followed = await self._writer.follow(session, running[0], job, order.chat)
                    return replace(followed, rest=tuple(stores))
            require_whole(actor, order.type)
            if order.type is JobType.SYNC_PRODUCTS and not dry_run:
                await refuse_when_paused(session, actor)
            run = NewRun(actor, order.key, order.trigger, stores, dry_run, type=order.type)
            execution = await self._writer.write(session, job, run, order.chat)
            return Started(execution.id, job.name, new=True, after=running[0].id if running else None)


class CancelRun(UseCase):
    """Ask a run to stop: uploads in flight finish and are read back first (`rules.md` 3.8)."""

    permission = Permission.RUN

    def __init__(self, database: Database, clock: Clock, notices: Notices) -> None:
        self._database = database
        self._clock = clock
        self._notices = notices

    async def __call__(self, actor: Actor, execution_id: int) -> None:
        async with self._database.writing() as session:
            execution = await own_execution(session, actor, execution_id)
            if not State(execution.state).open:
                raise Conflict(T("Run {number} has ended already.", number=str(execution.id)))
            if execution.requested_by_id != actor.person_id or actor.person_id is None:
                actor.require_stores(execution.store_ids or ())
                require_whole(actor, execution.type)
            execution.cancel_requested_by = execution.cancel_requested_by or actor.name
            if execution.state != State.RUNNING:
                await close_unstarted(session, execution, State.CANCELLED, self._clock.now())
                job = await session.get_one(Job, execution.job_id)
                await self._notices.on_event(session, execution, job, Event.CANCELLED)


async def close_unstarted(session: AsyncSession, execution: Execution, state: State, now: datetime) -> None:
    """End a run that did nothing yet; its stores were not touched."""
    execution.state = state
    execution.finished_at = now
    outcome = Outcome.CANCELLED if state is State.CANCELLED else Outcome.SKIPPED
    steps = await session.scalars(select(Step).where(Step.execution_id == execution.id, Step.outcome.is_(None)))
    for step in steps:
        step.outcome, step.stage, step.finished_at = outcome, "done", now


async def own_execution(session: AsyncSession, actor: Actor, execution_id: int) -> Execution:
    """Return an execution of the actor's organisation, or raise NotFound."""
    execution = await session.get(Execution, execution_id, with_for_update=True)
    if execution is None or execution.organisation_id != actor.organisation_id:
        raise NotFound(T("There is no run number {number}.", number=str(execution_id)))
    return execution


async def run_of(session: AsyncSession, key: str) -> Execution | None:
    """Return the run that this cause has led to already."""
    found: Execution | None = await session.scalar(select(Execution).where(Execution.dedupe_key == key))
    return found


async def open_run(session: AsyncSession, job_id: int) -> Execution | None:
    """Return the job's run that is pending, at work or waiting; one planned for tomorrow does not count yet."""
    return next(iter(await open_runs(session, job_id)), None)


async def open_runs(session: AsyncSession, job_id: int) -> list[Execution]:
    """Return the run at work, and those that wait for their turn."""
    found = await session.scalars(
        select(Execution)
        .where(
            Execution.job_id == job_id,
            Execution.state.in_(OPEN_STATES),
            (Execution.state == State.RUNNING) | (Execution.trigger != PLANNED),
        )
        .order_by(Execution.id)
    )
    return list(found)


def left_aside(stores: list[int], runs: list[Execution], kind: JobType, *, dry_run: bool) -> list[int]:
    """Return the stores for which none of the runs does the same."""
    alike = [run for run in runs if (run.type, run.dry_run) == (kind, dry_run)]
    covered = {store_id for run in alike for store_id in run.store_ids or ()}
    return [store_id for store_id in stores if store_id not in covered]


async def _choose_job(session: AsyncSession, actor: Actor, order: Order) -> Job:
    """Return the one job that can be meant; a sync job also knows what to compare."""
    jobs = await _jobs(session, actor, order, order.type)
    if not jobs and order.type is JobType.COMPARE_DATA:
        jobs = await _jobs(session, actor, order, JobType.SYNC_PRODUCTS)
    if not jobs and order.job_name is not None:
        raise NotFound(T("There is no enabled job “{name}” of this kind.", name=order.job_name))
    if not jobs and order.type is JobType.CLEANUP:
        raise NotFound(T("No cleanup job is set up yet. An admin adds one with /jobs."))
    if not jobs:
        raise NotFound(T("No sync job is set up yet. An admin adds one with /jobs."))
    if len(jobs) > 1:
        raise SeveralJobs([job.name for job in jobs])
    return jobs[0]


async def _jobs(session: AsyncSession, actor: Actor, order: Order, kind: JobType) -> list[Job]:
    wanted = select(Job).where(
        Job.organisation_id == actor.organisation_id, Job.type == kind, Job.deleted_at.is_(None), Job.enabled
    )
    if order.job_name is not None:
        wanted = wanted.where(Job.name == order.job_name)
    return list(await session.scalars(wanted.order_by(Job.name).with_for_update()))


async def _stores(session: AsyncSession, actor: Actor, job: Job, order: Order) -> list[int]:
    if order.words:
        return [store.id for store in await find_stores(session, actor, order.words)]
    found = await (active_stores(session, job.organisation_id) if order.store_ids else stores_of_job(session, job))
    wanted = set(order.store_ids or (store.id for store in found))
    stores = [store.id for store in found if actor.sees(store.id) and store.id in wanted]
    if not stores:
        raise BadInput(T("The job “{job}” has no active store. Add or activate one first.", job=job.name))
    return stores


def require_whole(actor: Actor, kind: str) -> None:
    """Raise Forbidden for a job about the organisation as a whole, whose settings the actor may not change."""
    if kind == JobType.CLEANUP and not actor.may(Permission.CONFIGURE):
        raise Forbidden


def refuse_by_hand(source: Execution) -> None:
    """Raise Conflict for a run that a person decided on by its numbers of then."""
    if source.type not in list(JobType):
        raise Conflict(T("What was done by hand is done again from the store's page: /stores"))


async def refuse_when_paused(session: AsyncSession, actor: Actor) -> None:
    """Raise Conflict while sending is paused; for runs that would send."""
    organisation = await session.get_one(Organisation, actor.organisation_id)
    if organisation.paused_at is not None:
        by = organisation.paused_by or "?"
        raise Conflict(T("Sending is paused (by {name}). Resume it with /resume first.", name=by))
