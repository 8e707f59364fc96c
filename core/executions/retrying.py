"""Running the stores of a finished run that did not end well once more."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.db.database import Database
from core.errors import Conflict
from core.executions.model import Execution, Step
from core.executions.since import NewerRun, since_run
from core.executions.starting import (
    NewRun,
    RunWriter,
    Started,
    own_execution,
    refuse_by_hand,
    refuse_when_paused,
)
from core.executions.states import Outcome
from core.jobs.model import Job, JobType
from core.notices.chats import ChatRef
from core.texts import T


class RetryFailed(UseCase):
    """Run the stores of a finished run that did not end well once more, but those that are good by now.

    Raises NewerRun when a run has ended since that `known`, the newest run the person was told
    of, does not name.
    """

    permission = Permission.RUN

    def __init__(self, database: Database, writer: RunWriter) -> None:
        self._database = database
        self._writer = writer

    async def __call__(
        self, actor: Actor, execution_id: int, key: str, chat: ChatRef | None = None, *, known: int | None = None
    ) -> Started:
        async with self._database.writing() as session:
            source = await own_execution(session, actor, execution_id)
            job = await session.get_one(Job, source.job_id, with_for_update=True)
            if (there := await self._writer.there_already(session, job, key, chat)) is not None:
                return there
            refuse_by_hand(source)
            failed = await _failed(session, actor, source)
            if not failed:
                raise Conflict(T("Every store of that run ended well: there is nothing to retry."))
            stores = await _left(session, source, failed, known)
            if source.type == JobType.SYNC_PRODUCTS and not source.dry_run:
                await refuse_when_paused(session, actor)
            kind = JobType(source.type)
            run = NewRun(actor, key, "retry", stores, source.dry_run, type=kind, options={"retry_of": source.id})
            return await self._writer.begin(session, job, run, chat)


async def _failed(session: AsyncSession, actor: Actor, source: Execution) -> list[int]:
    steps = await session.scalars(select(Step).where(Step.execution_id == source.id).order_by(Step.position))
    return [
        step.store_id
        for step in steps
        if not Outcome(step.outcome or Outcome.FAILED).well(dry_run=source.dry_run or step.worked_out)
        and actor.sees(step.store_id)
    ]


async def _left(session: AsyncSession, source: Execution, failed: Collection[int], known: int | None) -> list[int]:
    """Return the stores that are still not good; a person has to know of newer runs."""
    since = await since_run(session, source, failed, source.type)
    if since is None:
        return list(failed)
    left = since.left(failed, dry_run=source.dry_run)
    if not left:
        raise Conflict(
            T("All of these stores are good since the run of {at}: there is nothing to retry.", at=since.finished_at)
        )
    if since.run_id != known:
        raise NewerRun(since, len(failed), len(left))
    return left
