"""Runs one execution: begin, every store, end. The engine calls these; they may be repeated.

Each of the three can run again after a crash and finds in the database what was done.
One store that fails never stops the others.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, aliased

from core.catalogue.findings import keep_seen
from core.clock import Clock, local_date
from core.connections.model import Integration
from core.db.base import Base, change_row, entity_of, table_of
from core.db.database import Database, StorageAway, StorageFailed
from core.errors import ChimeraError
from core.executions.model import Execution, Step
from core.executions.states import Event, Outcome, State, event_of, final_state
from core.jobs.model import Job
from core.jobs.settings import read_settings, read_store_settings
from core.notices.channels import Notices
from core.organisations.model import Organisation
from core.outbox.wake import Wake
from core.stores.model import Store
from core.texts import TN, T, Text
from integrations.contract import StoreRef
from integrations.health import listening
from jobs.gate import Gate
from jobs.log import RunLog
from jobs.sending import SENDING
from jobs.task import RunStopped, StoreResult, StoreTask, StoreWork, WholeResult, WholeTask, WholeWork

log = structlog.get_logger(__name__)
Result = TypeVar("Result")
_steps = table_of(Step)
_step_before = select(Step.counts, Step.started_at, Step.day).where(
    Step.execution_id == bindparam("execution_id"), Step.store_id == bindparam("store_id")
)
_WHOLE = 0
"""Stands for the organisation in a run that is about no single store. No store has this number."""

_WRITE_ATTEMPTS = 5
_AWAY_PAUSES = (1, 2, 4, 8, 15, 30, 60, 60, 60)
"""Seconds between the attempts at a step while the database's server is away: restarts and fail-overs take minutes."""
_NOT_DONE = (Outcome.FAILED, Outcome.NOT_VERIFIED, Outcome.TOO_LATE)
_GOOD_STATES = (State.SUCCESS,)
_BAD_STATES = (State.PARTIAL, State.FAILED, State.TIMED_OUT)


def _used_by_job(integration: type[Integration], setting: str) -> ColumnElement[bool]:
    """Return what joins an integration to the job that names it."""
    return and_(
        integration.organisation_id == Job.organisation_id,
        integration.name == Job.settings[setting].as_string(),
        integration.deleted_at.is_(None),
    )


_TASK_KINDS: tuple[type[Base], ...] = (Execution, Job, Store, Organisation, Step)
_source, _target = aliased(Integration), aliased(Integration)
_task_row = (
    select(*(column for table in map(table_of, _TASK_KINDS) for column in table.columns), _source.id, _target.id)
    .select_from(Execution)
    .join(Job, Job.id == Execution.job_id)
    .join(Organisation, Organisation.id == Execution.organisation_id)
    .join(Step, Step.execution_id == Execution.id)
    .join(Store, Store.id == Step.store_id)
    .outerjoin(_source, _used_by_job(_source, "source"))
    .outerjoin(_target, _used_by_job(_target, "target"))
    .where(Execution.id == bindparam("execution_id"), Store.id == bindparam("store_id"))
)


class Runner:
    """The three steps of an execution."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        notices: Notices,
        gate: Gate,
        run_log: RunLog,
        work: Mapping[str, StoreWork],
        whole: Mapping[str, WholeWork],
        wake: Wake,
    ) -> None:
        self._database = database
        self._clock = clock
        self._notices = notices
        self._gate = gate
        self._log = run_log
        self._work = work
        self._whole = whole
        self._wake = wake

    async def begin(self, execution_id: int) -> list[int]:
        """Mark the execution as running and return its stores in order; empty if it is over."""
        return await self._outlasting(execution_id, lambda: self._begin(execution_id))

    async def _begin(self, execution_id: int) -> list[int]:
        async with self._database.writing() as session:
            execution = await session.get_one(Execution, execution_id)
            if not State(execution.state).open:
                return []
            execution.state = State.RUNNING
            execution.started_at = execution.started_at or self._clock.now()
        self._wake.ring()
        return [_WHOLE] if execution.type in self._whole else list(execution.store_ids or ())

    async def run_store(self, execution_id: int, store_id: int) -> str:
        """Do the job's work for one store and write what it came to. Returns the outcome."""
        if store_id == _WHOLE:
            return await self._outlasting(execution_id, lambda: self._run_whole(execution_id))
        # As after a restart: the step says how far it came, and reading back what became of a send.
        return await self._outlasting(execution_id, lambda: self._run_store(execution_id, store_id))

    async def _outlasting(self, execution_id: int, step: Callable[[], Awaitable[Result]]) -> Result:
        """Do a step, and do it anew while the database's server is away.

        Raises StorageAway when that takes many minutes.
        """
        async with self._gate.work():
            for pause in _AWAY_PAUSES:
                try:
                    return await step()
                except StorageAway as error:
                    log.warning("database away", execution=execution_id, error=str(error))
                    await self._gate.pause(pause)
            return await step()

    async def _run_store(self, execution_id: int, store_id: int) -> str:
        task = await self._task(execution_id, store_id)
        if task.step.outcome is not None:
            return task.step.outcome
        structlog.contextvars.bind_contextvars(correlation_id=task.execution.correlation_id, execution=execution_id)
        result = self._stopped(task) or await self._attempt_heard(task)
        await self._finish_store(task, result)
        self._wake.ring()
        return result.outcome

    async def end(self, execution_id: int) -> str:
        """Close the execution by its stores' outcomes and tell those who want to know."""
        return await self._outlasting(execution_id, lambda: self._end(execution_id))

    async def _end(self, execution_id: int) -> str:
        async with self._database.writing() as session:
            execution = await session.get_one(Execution, execution_id)
            if not State(execution.state).open:
                return execution.state
            steps = list(await session.scalars(select(Step).where(Step.execution_id == execution_id)))
            for step in steps:
                _close_unfinished(step)
            outcomes = [Outcome(step.outcome or Outcome.FAILED) for step in steps if not step.worked_out]
            state = final_state(
                outcomes,
                expired=any(step.counts.get("expired") for step in steps),
                dry_run=execution.dry_run,
                cancelled=execution.cancel_requested_by is not None and Outcome.CANCELLED in outcomes,
                timed_out=any(step.counts.get("timed_out") for step in steps),
                worked_out=len(steps) - len(outcomes),
            )
            await self._close(session, execution, state, outcomes)
        self._wake.ring()
        return state.value

    async def _run_whole(self, execution_id: int) -> str:
        """Do the work that is about no single store, and close the run by what it came to."""
        async with self._database.reading() as session:
            execution = await session.get_one(Execution, execution_id)
            job = await session.get_one(Job, execution.job_id)
        if not State(execution.state).open:
            return execution.state
        structlog.contextvars.bind_contextvars(correlation_id=execution.correlation_id, execution=execution_id)
        result = await self._attempt_whole(WholeTask(execution, job, read_settings(job.type, job.settings)))
        async with self._database.writing() as session:
            execution = await session.get_one(Execution, execution_id)
            execution.reason = result.reason.to_json() if result.reason is not None else None
            await self._close(session, execution, result.state, [])
        self._wake.ring()
        return result.state.value

    async def _attempt_whole(self, task: WholeTask) -> WholeResult:
        """Job-step boundary: what goes wrong is what the run came to."""
        try:
            return await self._whole[task.execution.type](task)
        except StorageAway:
            raise
        except ChimeraError as error:
            log.warning("run failed", error=str(error), detail=error.detail)
            return WholeResult(State.FAILED, error.text)
        except Exception:
            log.exception("run failed unexpectedly")
            return WholeResult(State.FAILED, _unexpected(task.execution))

    async def _close(self, session: AsyncSession, execution: Execution, state: State, outcomes: list[Outcome]) -> None:
        execution.state, execution.finished_at = state, self._clock.now()
        await self._announce(session, execution, outcomes)
        log.info("run ended", execution=execution.id, state=state.value)

    async def _announce(self, session: AsyncSession, execution: Execution, outcomes: list[Outcome]) -> None:
        job = await session.get_one(Job, execution.job_id)
        state = State(execution.state)
        events = [event_of(state)]
        if Outcome.HELD in outcomes and not execution.dry_run:
            events.append(Event.HELD)
        proven = outcomes or execution.type in self._whole
        if state in _GOOD_STATES and proven and await _failed_before(session, execution):
            events.append(Event.RECOVERED)
        await self._notices.on_event(session, execution, job, *events)

    async def _task(self, execution_id: int, store_id: int) -> StoreTask:
        ids = {"execution_id": execution_id, "store_id": store_id}
        row = await self._database.glance(lambda session: session.connection().execute(_task_row, ids).one())
        *entities, source_id, target_id = row
        execution, job, store, organisation, step = _entities(entities)
        settings = read_store_settings(job.type, job.settings)
        ref = store_ref(store, organisation)
        day = local_date(execution.due_at or execution.created_at, ref.zone)
        debug = organisation.debugging(self._clock.now())
        return StoreTask(execution, job, settings, store, ref, step, day, source_id, target_id, debug=debug)

    def _stopped(self, task: StoreTask) -> StoreResult | None:
        if task.day != local_date(self._clock.now(), task.ref.zone):
            return StoreResult(Outcome.SKIPPED, T("The day of this run is over."), {"expired": 1})
        if task.step.stage == SENDING:
            return None
        if task.execution.cancel_requested_by is not None:
            return StoreResult(Outcome.CANCELLED, T("Cancelled by {name}.", name=task.execution.cancel_requested_by))
        if task.time_left(self._clock.now()) < timedelta():
            reason = T("Not started: the run was over its time limit of {n} minutes.", n=task.settings.timeout_minutes)
            return StoreResult(Outcome.FAILED, reason, {"timed_out": 1})
        return None

    async def _attempt_heard(self, task: StoreTask) -> StoreResult:
        """Do the work; with the debug switch on, every call it makes goes into the run's log."""
        if not task.debug:
            return await self._attempt(task)
        with listening() as calls:
            result = await self._attempt(task)
        try:
            await self._log.calls(task, calls)
        except StorageFailed as error:
            log.warning("calls not written", store=task.store.name, error=str(error))
        return result

    async def _attempt(self, task: StoreTask) -> StoreResult:
        """Job-step boundary: whatever goes wrong with one store stays with that store."""
        try:
            result = await self._work[task.execution.type](task)
            await self._note_troubles(task, result)
        except RunStopped as stopped:
            return stopped.result
        except StorageAway:
            raise
        except ChimeraError as error:
            await self._note(task, error)
            return StoreResult(Outcome.FAILED, error.text, {"permanent": int(error.permanent)})
        except Exception:
            log.exception("store failed unexpectedly", store=task.store.name)
            return StoreResult(Outcome.FAILED, _unexpected(task.execution))
        return result

    async def _note(self, task: StoreTask, error: ChimeraError) -> None:
        """Write to the run's log what failed, with the words of the other side; a full disk must not hide it."""
        try:
            await self._log.error(task, error.text, detail=error.detail)
        except StorageFailed:
            log.warning("store failed", store=task.store.name, error=str(error))

    async def _note_troubles(self, task: StoreTask, result: StoreResult) -> None:
        """Write to the run's log what did not go out, and why: its readers see no card."""
        try:
            for text in _troubles(result):
                await self._log.warning(task, text)
        except StorageFailed as error:
            log.warning("troubles not written", store=task.store.name, error=str(error))

    async def _finish_store(self, task: StoreTask, result: StoreResult) -> None:
        """Write the outcome; a database that refuses for a while is asked again."""
        for attempt in range(1, _WRITE_ATTEMPTS + 1):
            try:
                return await self._write_outcome(task, result)
            except StorageFailed as error:
                log.warning("outcome not written", store=task.store.name, attempt=attempt, error=str(error))
                if attempt == _WRITE_ATTEMPTS:
                    raise
                await self._gate.pause(2.0**attempt)
        return None

    async def _write_outcome(self, task: StoreTask, result: StoreResult) -> None:
        now = self._clock.now()
        key = {"execution_id": task.execution.id, "store_id": task.store.id}

        def write(session: Session) -> None:
            before = session.execute(_step_before, key).one()
            change_row(
                session,
                _steps,
                key,
                {
                    "stage": "done",
                    "outcome": result.outcome,
                    "reason": result.reason.to_json() if result.reason else None,
                    "counts": before.counts | result.counts,
                    "finished_at": now,
                    "started_at": before.started_at or now,
                    "day": before.day or local_date(now, task.ref.zone),
                },
            )
            if result.seen is not None:
                keep_seen(session, task.execution.id, task.store.id, result.seen)

        await self._database.write(write)


def _entities(row: Iterable[Any]) -> tuple[Execution, Job, Store, Organisation, Step]:
    """Return what a task is made of; nothing in it is ever written back."""
    values = iter(row)
    parts = [entity_of(kind, islice(values, len(table_of(kind).columns))) for kind in _TASK_KINDS]
    return cast(tuple[Execution, Job, Store, Organisation, Step], tuple(parts))


def store_ref(store: Store, organisation: Organisation) -> StoreRef:
    """Return what modules need to know of a store."""
    return StoreRef(
        id=str(store.id),
        name=store.name,
        cnpj=store.cnpj,
        unit=store.unit or store.cnpj,
        registration=store.platform_registration or store.cnpj,
        zone=store.zone(organisation.zone),
        limit=store.limit,
    )


def _troubles(result: StoreResult) -> Iterable[Text]:
    """Return what kept a store, or some of its products, from being sent and seen."""
    if result.outcome is Outcome.HELD and result.reason is not None:
        yield T("Held, nothing is sent. {reason}", reason=result.reason)
    elif result.outcome in _NOT_DONE and result.reason is not None:
        yield result.reason
    elif lines := int(result.counts.get("held_lines", 0)):
        yield TN("{n} product held for review", "{n} products held for review", lines)


def _unexpected(execution: Execution) -> Text:
    return T("An unexpected error, see the log under {correlation}.", correlation=execution.correlation_id)


def _close_unfinished(step: Step) -> None:
    if step.outcome is None:
        step.stage, step.outcome = "done", Outcome.FAILED
        step.reason = T("The work on this store broke off.").to_json()


async def _failed_before(session: AsyncSession, execution: Execution) -> bool:
    """Tell whether the last run that proved something was not good; one that was only worked out proves nothing."""
    steps = exists().where(Step.execution_id == Execution.id)
    proven = or_(~steps, steps.where(Step.outcome != Outcome.SKIPPED.value))
    last = await session.scalar(
        select(Execution.state)
        .where(
            Execution.job_id == execution.job_id,
            Execution.id < execution.id,
            Execution.dry_run.is_(False),
            or_(Execution.state.in_(_BAD_STATES), and_(Execution.state.in_(_GOOD_STATES), proven)),
        )
        .order_by(Execution.id.desc())
        .limit(1)
    )
    return last in _BAD_STATES and not execution.dry_run
