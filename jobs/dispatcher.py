"""Brings pending runs to the engine, and closes those that nobody may run any more.

Runs are rows first; whoever wrote the row (chat, schedule, another process) needs to know
nothing of the engine. A crash between the two is healed here.
"""

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock, local_date
from core.db.database import Database
from core.errors import ChimeraError
from core.executions.model import Execution
from core.executions.starting import close_unstarted
from core.executions.states import OPEN_STATES, Event, State
from core.jobs.model import Job, JobType
from core.notices.channels import Notices
from core.organisations.model import Organisation
from core.outbox.wake import Wake
from jobs.port import Engine
from jobs.runner import Runner

log = structlog.get_logger(__name__)
POLL_SECONDS = 1.0


class Dispatcher:
    """Looks for runs to start: at once when woken, else every second (other processes write too)."""

    def __init__(
        self, database: Database, clock: Clock, notices: Notices, engine: Engine, runner: Runner, wake: Wake
    ) -> None:
        self._database = database
        self._clock = clock
        self._notices = notices
        self._engine = engine
        self._runner = runner
        self._bell = wake.listener()

    async def run(self) -> None:
        """Dispatch for ever; a database that refuses for a moment is asked again."""
        while True:
            try:
                await self.tick()
            except ChimeraError as error:
                log.warning("dispatch failed", error=str(error))
            await self._bell.wait(POLL_SECONDS)

    async def tick(self) -> None:
        """Start what may start, and close what is over."""
        async with self._database.reading() as session:
            found = await session.scalars(
                select(Execution).where(Execution.state.in_(OPEN_STATES)).order_by(Execution.id)
            )
            runs = list(found)
        busy = {run.job_id for run in runs if run.state == State.RUNNING}
        for run in runs:
            if run.state == State.RUNNING:
                await self._look_after(run.id)
            elif await self._may_start(run) and run.job_id not in busy:
                busy.add(run.job_id)
                await self._look_after(run.id)

    async def _look_after(self, execution_id: int) -> None:
        """Give a run to the engine, or close one that the engine gave up.

        A workflow whose first or last step failed leaves its run open: nothing else would end it. One
        that the engine lost is begun anew: its steps find in the database what was done.
        """
        match await self._engine.ended(execution_id):
            case None:
                await self._engine.start(execution_id)
            case True:
                await self._runner.end(execution_id)

    async def _may_start(self, run: Execution) -> bool:
        """Decide over a pending or waiting run: planned for later, expired, waiting for the brake, or free to go.

        A waiting one goes on as soon as there is no brake, whoever made it wait and when.
        """
        if run.due_at is not None and run.due_at > self._clock.now():
            return False
        async with self._database.reading() as session:
            organisation = await session.get_one(Organisation, run.organisation_id)
        day = local_date(run.due_at or run.created_at, organisation.zone)
        paused = organisation.paused_at is not None and not run.dry_run and run.type == JobType.SYNC_PRODUCTS
        if day != local_date(self._clock.now(), organisation.zone):
            await self._change(run.id, State.EXPIRED)
        elif paused and run.state == State.PENDING:
            await self._change(run.id, State.WAITING)
        return not paused and day == local_date(self._clock.now(), organisation.zone)

    async def _change(self, execution_id: int, state: State) -> None:
        async with self._database.writing() as session:
            run = await session.get_one(Execution, execution_id)
            if run.state not in (State.PENDING, State.WAITING):
                return
            if state is State.EXPIRED:
                await self._expire(session, run)
            else:
                run.state = state

    async def _expire(self, session: AsyncSession, run: Execution) -> None:
        await close_unstarted(session, run, State.EXPIRED, self._clock.now())
        job = await session.get_one(Job, run.job_id)
        await self._notices.on_event(session, run, job, Event.MISSED)
