"""Sending the stores anew in which a comparison found differences (CH-12)."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.catalogue.model import Hold, HoldKind, HoldState
from core.db.database import Database
from core.errors import Conflict, NotFound
from core.executions.again import WouldReplace
from core.executions.model import Execution, Step
from core.executions.replacing import count_campaigns
from core.executions.since import since_run
from core.executions.starting import (
    NewRun,
    RunWriter,
    SeveralJobs,
    Started,
    own_execution,
    refuse_when_paused,
)
from core.executions.states import Outcome
from core.jobs.model import Job, JobType
from core.notices.chats import ChatRef
from core.stores.cutover import not_cut_over, sent_by_others
from core.stores.model import Store
from core.stores.repository import stores_of_job
from core.texts import TN, T


class Resync(UseCase):
    """Run the sync job for the stores that a comparison found different, but those that are good by now.

    A store that is held as a whole is left out: it would only be held again. So is one that the old system sends.
    Raises WouldReplace when that may replace campaigns of today, unless `confirmed`.
    """

    permission = Permission.RUN

    def __init__(self, database: Database, writer: RunWriter) -> None:
        self._database = database
        self._writer = writer

    async def __call__(
        self, actor: Actor, execution_id: int, key: str, chat: ChatRef | None = None, *, confirmed: bool = False
    ) -> Started:
        async with self._database.writing() as session:
            source = await own_execution(session, actor, execution_id)
            stores = await _different(session, actor, source)
            job_id = (await _sync_job(session, source, stores)).id
            job = await session.get_one(Job, job_id, with_for_update=True)
            if (there := await self._writer.there_already(session, job, key, chat)) is not None:
                return there
            await refuse_when_paused(session, actor)
            held = await _held(session, stores)
            stores = [store_id for store_id in stores if store_id not in held]
            campaigns = await session.run_sync(count_campaigns, stores, self._writer.clock.now())
            if campaigns and not confirmed:
                raise WouldReplace(job.name, len(stores), campaigns, held=len(held))
            run = NewRun(actor, key, "manual", stores, type=JobType.SYNC_PRODUCTS, options={"resync_of": source.id})
            return replace(await self._writer.begin(session, job, run, chat), held=len(held))


async def _held(session: AsyncSession, stores: Sequence[int]) -> set[int]:
    """Return which of the stores wait for a person as a whole. Raises Conflict when all of them do."""
    found = await session.scalars(
        select(Hold.store_id).where(
            Hold.store_id.in_(stores), Hold.state == HoldState.OPEN, Hold.kind == HoldKind.STORE
        )
    )
    held = set(found)
    if held.issuperset(stores):
        raise Conflict(
            TN(
                "The store that differs is held: release it, or leave it, on the card of the run that held it.",
                "All {n} stores that differ are held: release them, or leave them, on the card of the run that "
                "held them.",
                len(held),
            )
        )
    return held


async def _different(session: AsyncSession, actor: Actor, source: Execution) -> list[int]:
    """Return the stores that differed, as far as nothing newer found or made them good."""
    steps = await session.scalars(
        select(Step.store_id)
        .join(Store, Store.id == Step.store_id)
        .where(
            Step.execution_id == source.id,
            Step.outcome == Outcome.DIFFERENT,
            Store.active,
            Store.deleted_at.is_(None),
        )
        .order_by(Step.position)
    )
    differing = [store_id for store_id in steps if actor.sees(store_id)]
    if not differing:
        raise Conflict(T("No store of that run differed: there is nothing to send again."))
    others = await sent_by_others(session, differing)
    stores = [store_id for store_id in differing if store_id not in others]
    if not stores:
        raise not_cut_over(others.values())
    since = await since_run(session, source, stores, JobType.SYNC_PRODUCTS, JobType.COMPARE_DATA)
    left = stores if since is None else since.left(stores)
    if since is not None and not left:
        raise Conflict(
            T("All of these stores are good since the run of {at}: there is nothing to retry.", at=since.finished_at)
        )
    return left


async def _sync_job(session: AsyncSession, source: Execution, store_ids: Collection[int]) -> Job:
    """Return the job that sends these stores: the comparison's own, or one with the same two sides."""
    own = await session.get_one(Job, source.job_id)
    if own.type == JobType.SYNC_PRODUCTS:
        return own
    wanted = select(Job).where(
        Job.organisation_id == source.organisation_id,
        Job.type == JobType.SYNC_PRODUCTS,
        Job.enabled,
        Job.deleted_at.is_(None),
    )
    jobs = [job for job in await session.scalars(wanted.order_by(Job.name)) if _sides(job) == _sides(own)]
    jobs = [job for job in jobs if await _covers(session, job, store_ids)]
    if not jobs:
        raise NotFound(T("No sync job is set up yet. An admin adds one with /jobs."))
    if len(jobs) > 1:
        raise SeveralJobs([job.name for job in jobs])
    return jobs[0]


def _sides(job: Job) -> Sequence[object]:
    return job.settings.get("source"), job.settings.get("target")


async def _covers(session: AsyncSession, job: Job, store_ids: Collection[int]) -> bool:
    return {store.id for store in await stores_of_job(session, job)}.issuperset(store_ids)
