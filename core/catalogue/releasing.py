"""Releasing what guard rails held (CH-10, `rules.md` 1.6-1.8, 3.4)."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.catalogue.model import Hold, HoldState
from core.clock import Clock
from core.db.database import Database
from core.errors import Conflict
from core.executions.model import Execution
from core.executions.starting import RELEASE, NewRun, RunWriter, Started, own_execution, run_of
from core.history.recorder import Recorder
from core.jobs.model import Job
from core.notices.chats import ChatRef
from core.stores.cutover import not_cut_over, sent_by_others
from core.stores.repository import find_stores
from core.texts import T


class ReleaseHeld(UseCase):
    """Release what is held, once, exactly as it stands, and send those stores again.

    Either everything held in one run (`execution_id`), there for one store only if it is named (`store_id`),
    or everything held for some stores (`words`). What changed at the ERP meanwhile is weighed anew. What
    is held for stores that the old system sends by now stays held.
    """

    permission = Permission.RELEASE

    def __init__(self, database: Database, clock: Clock, recorder: Recorder, writer: RunWriter) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder
        self._writer = writer

    async def __call__(
        self,
        actor: Actor,
        key: str,
        *,
        execution_id: int | None = None,
        store_id: int | None = None,
        words: Sequence[str] = (),
        chat: ChatRef | None = None,
    ) -> Started:
        async with self._database.writing() as session:
            repeated = await run_of(session, key)
            if repeated is not None:
                job = await session.get_one(Job, repeated.job_id)
                return Started.before(repeated, job)
            holds = await self._open_holds(session, actor, execution_id, store_id, words)
            if not holds:
                raise Conflict(T("Nothing is held there any more: it was released, or replaced by a later run."))
            others = await sent_by_others(session, {hold.store_id for hold in holds})
            holds = [hold for hold in holds if hold.store_id not in others]
            if not holds:
                raise not_cut_over(others.values())
            job = await _one_job(session, holds)
            return await self._release(session, actor, job, holds, key, chat)

    async def _open_holds(
        self, session: AsyncSession, actor: Actor, execution_id: int | None, store_id: int | None, words: Sequence[str]
    ) -> list[Hold]:
        wanted = select(Hold).where(Hold.organisation_id == actor.organisation_id, Hold.state == HoldState.OPEN)
        if execution_id is not None:
            await own_execution(session, actor, execution_id)
            wanted = wanted.where(Hold.execution_id == execution_id)
        if store_id is not None:
            wanted = wanted.where(Hold.store_id == store_id)
        if words:
            stores = await find_stores(session, actor, words)
            wanted = wanted.where(Hold.store_id.in_([store.id for store in stores]))
        holds = await session.scalars(wanted.order_by(Hold.id).with_for_update())
        return [hold for hold in holds if actor.sees(hold.store_id)]

    async def _release(
        self, session: AsyncSession, actor: Actor, job: Job, holds: list[Hold], key: str, chat: ChatRef | None
    ) -> Started:
        for hold in holds:
            hold.state, hold.decided_by, hold.decided_at = HoldState.RELEASED, actor.name, self._clock.now()
            after = {"reason": hold.reason, "code": hold.code, "store_id": hold.store_id}
            self._recorder.audit(session, actor, "released", "hold", hold.id, after=after)
        store_ids = list(dict.fromkeys(hold.store_id for hold in holds))
        run = NewRun(actor, key, RELEASE, store_ids, options={"release_of": holds[-1].execution_id})
        execution = await self._writer.write(session, job, run, chat)
        for held_in in {hold.execution_id for hold in holds}:
            await self._writer.notices.redraw(session, held_in)
        return Started(execution.id, job.name, new=True)


async def _one_job(session: AsyncSession, holds: list[Hold]) -> Job:
    """Return the job that held all of it: another one reads and sends by other settings. Raises Conflict."""
    held_in = {hold.execution_id for hold in holds}
    wanted = select(Job).where(Job.id.in_(select(Execution.job_id).where(Execution.id.in_(held_in))))
    jobs = list(await session.scalars(wanted.order_by(Job.name)))
    if len(jobs) > 1:
        names = [job.name for job in jobs]
        raise Conflict(
            T("Several jobs hold these stores: {jobs}. Release the stores of one job at a time.", jobs=names)
        )
    return jobs[0]
