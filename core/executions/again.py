"""Running a finished run once more, with its stores and in its way."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.db.database import Database
from core.errors import BadInput, Conflict
from core.executions.model import Execution
from core.executions.replacing import count_campaigns
from core.executions.since import since_run
from core.executions.starting import (
    NewRun,
    RunWriter,
    Started,
    own_execution,
    refuse_by_hand,
    refuse_when_paused,
    require_whole,
)
from core.jobs.model import Job, JobType
from core.notices.chats import ChatRef
from core.stores.model import Store
from core.stores.repository import stores_of_job
from core.texts import T


class WouldReplace(Conflict):
    """Today's campaigns of some stores may be replaced: a person confirms that first (`rules.md` 3.5).

    `since` is when a newer run with these stores ended; `held` stores are left out.
    """

    def __init__(self, job: str, stores: int, campaigns: int, since: datetime | None = None, *, held: int = 0) -> None:
        super().__init__(T("Run {job} again? Confirm it first.", job=job))
        self.job = job
        self.stores = stores
        self.campaigns = campaigns
        self.since = since
        self.held = held


class RunAgain(UseCase):
    """Start a run like an earlier one: same job, same stores (those still there), dry if it was dry.

    `for_real` runs in earnest what was run dry. Raises WouldReplace when that may replace campaigns
    of today or a newer run has ended since, unless `confirmed`.
    """

    permission = Permission.RUN

    def __init__(self, database: Database, writer: RunWriter) -> None:
        self._database = database
        self._writer = writer

    async def __call__(
        self,
        actor: Actor,
        execution_id: int,
        key: str,
        chat: ChatRef | None = None,
        *,
        confirmed: bool = False,
        for_real: bool = False,
    ) -> Started:
        async with self._database.writing() as session:
            source = await own_execution(session, actor, execution_id)
            job = await session.get_one(Job, source.job_id, with_for_update=True)
            if (there := await self._writer.there_already(session, job, key, chat)) is not None:
                return there
            refuse_by_hand(source)
            require_whole(actor, source.type)
            stores = await _stores(session, actor, source, job) if JobType(source.type).about_stores else []
            if for_real:
                _refuse_when_only_dry(job)
            dry_run = source.dry_run and not for_real
            sends = source.type == JobType.SYNC_PRODUCTS and not dry_run
            if sends:
                await refuse_when_paused(session, actor)
                if not confirmed:
                    await _ask_first(session, source, job, stores, self._writer.clock.now())
            run = NewRun(
                actor,
                key,
                "manual",
                stores,
                dry_run,
                type=JobType(source.type),
                options={"again_of": source.id},
            )
            return await self._writer.begin(session, job, run, chat)


def _refuse_when_only_dry(job: Job) -> None:
    """Raise Conflict for a job that is set to compute and report only."""
    if job.settings.get("dry_run"):
        raise Conflict(T("“{job}” is set to dry runs only. Change that in its form under /jobs first.", job=job.name))


async def _stores(session: AsyncSession, actor: Actor, source: Execution, job: Job) -> list[int]:
    """Return the run's stores that are still active; a run without any had not come to its stores."""
    wanted = list(source.store_ids or [store.id for store in await stores_of_job(session, job)])
    found = await session.scalars(
        select(Store.id).where(Store.id.in_(wanted), Store.active, Store.deleted_at.is_(None))
    )
    there = {store_id for store_id in found if actor.sees(store_id)}
    if not there:
        raise BadInput(T("No store of that run is active and among yours any more."))
    return [store_id for store_id in wanted if store_id in there]


async def _ask_first(session: AsyncSession, source: Execution, job: Job, stores: list[int], now: datetime) -> None:
    campaigns = await session.run_sync(count_campaigns, stores, now)
    since = await since_run(session, source, stores, source.type, dry_run=False)
    if campaigns or since is not None:
        raise WouldReplace(job.name, len(stores), campaigns, None if since is None else since.finished_at)
