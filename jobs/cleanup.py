"""The job type `cleanup`: removes what is old, by its own retentions (CH-13)."""

from sqlalchemy.orm import Session

from core.clock import Clock
from core.courtesy import Courtesy
from core.db.database import Database
from core.executions.model import Execution
from core.executions.states import State
from core.housekeeping.kinds import KINDS, Kind, PurgeScope
from core.housekeeping.purging import Freed, Note, Purge
from core.jobs.settings import CleanupSettings
from core.texts import T
from jobs.gate import Gate
from jobs.task import WholeResult, WholeTask


class Cleanup:
    """Removes in small transactions, each of which notes in the run what it removed.

    So a run that broke off goes on where it was, and its card tells the whole sum.
    """

    def __init__(self, database: Database, clock: Clock, purge: Purge, gate: Gate, courtesy: Courtesy) -> None:
        self._database = database
        self._clock = clock
        self._purge = purge
        self._gate = gate
        self._courtesy = courtesy

    async def __call__(self, task: WholeTask) -> WholeResult:
        keep = CleanupSettings.model_validate(task.job.settings)
        scope = PurgeScope(task.execution.organisation_id, task.execution.created_at, keep)
        if task.execution.dry_run:
            return await self._foretell(task, scope)
        for kind in KINDS:
            while (await self._some(task, kind, scope)).rows:
                if (stopped := await self._stopped(task)) is not None:
                    return stopped
        return WholeResult(State.SUCCESS)

    async def _foretell(self, task: WholeTask, scope: PurgeScope) -> WholeResult:
        counts = await self._purge.count(scope)

        def note(session: Session) -> None:
            for name, freed in counts.items():
                _noting(task.execution.id, name)(session, freed)

        await self._database.write(note)
        return WholeResult(State.SUCCESS)

    async def _some(self, task: WholeTask, kind: Kind, scope: PurgeScope) -> Freed:
        """Remove a few rows; a stop of the process need not wait between them."""
        async with self._gate.outside():
            await self._courtesy.turn()
        return await self._purge.some(kind, scope, _noting(task.execution.id, kind.name))

    async def _stopped(self, task: WholeTask) -> WholeResult | None:
        async with self._database.reading() as session:
            now_there = await session.get_one(Execution, task.execution.id)
        if now_there.cancel_requested_by is not None:
            return WholeResult(State.CANCELLED, T("Cancelled by {name}.", name=now_there.cancel_requested_by))
        if task.time_left(self._clock.now()).total_seconds() < 0:
            n = task.settings.timeout_minutes
            return WholeResult(State.TIMED_OUT, T("It was over its time limit of {n} minutes.", n=n))
        return None


def _noting(execution_id: int, name: str) -> Note:
    """Return what adds to a run's counts; a dry run that is done again counts anew."""

    def note(session: Session, freed: Freed) -> None:
        execution = session.get_one(Execution, execution_id)
        counts = dict(execution.counts or {})
        before = Freed() if execution.dry_run else Freed(**counts.get(name, {}))
        total = before + freed
        execution.counts = counts | {name: {"rows": total.rows, "size": total.size}}

    return note
