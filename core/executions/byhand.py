"""What people do to a store's campaign by hand (CH-21): one product off, the store cleared, the last list again.

Each is a run like any other, durable and read back, beside the schedule of the store's sync job.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.catalogue.model import FetchedProduct
from core.catalogue.sets import Baseline, load_baseline
from core.clock import Clock, local_date
from core.db.database import Database
from core.errors import Conflict, Forbidden
from core.executions.replacing import lead_of
from core.executions.starting import NewRun, RunWriter, Started, refuse_when_paused, run_of
from core.history.recorder import Recorder
from core.jobs.model import Job, JobType
from core.notices.chats import ChatRef
from core.organisations.model import Organisation
from core.people.confirming import require_confirmation
from core.stores.cutover import not_cut_over
from core.stores.model import Store
from core.stores.repository import stores_of_job
from core.stores.viewing import live_lists, seen_store
from core.texts import T
from core.windows import plan_window

BY_HAND = "by_hand"
"""The type of such a run; no job is configured to be of it."""


class Deed(StrEnum):
    """What can be done."""

    TAKE_OFF = "take_off"
    RESEND = "resend"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a deed would do. `lines` are in the last verified list, `left` of them stay.

    `start` is when the new campaign begins (store's time), `running` whether it replaces one
    that customers see now, `live_until` the end of the one it replaces.
    """

    deed: Deed
    store: str
    product: str
    lines: int
    left: int
    day: date
    start: datetime
    running: bool
    live_until: datetime | None


class PlanDeed(UseCase):
    """Say in numbers what would be done. Raises Conflict for what cannot be."""

    permission = Permission.RELEASE

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor, deed: Deed, store_id: int, code: str = "") -> Plan:
        async with self._database.reading() as session:
            store = await seen_store(session, actor, store_id)
            return await _plan(session, store, await _job_of(session, store), deed, code, self._clock.now())


class DoDeed(UseCase):
    """Start the run that does it. Clearing a store takes an admin and the PIN (`rules.md` 5)."""

    permission = Permission.RELEASE

    def __init__(self, database: Database, clock: Clock, writer: RunWriter, recorder: Recorder) -> None:
        self._database = database
        self._clock = clock
        self._writer = writer
        self._recorder = recorder

    async def __call__(
        self, actor: Actor, deed: Deed, store_id: int, key: str, *, code: str = "", chat: ChatRef | None = None
    ) -> Started:
        async with self._database.writing() as session:
            store = await seen_store(session, actor, store_id)
            job = await _job_of(session, store)
            repeated = await run_of(session, key)
            if repeated is not None:
                return Started.before(repeated, job)
            if deed is Deed.CLEAR:
                if not actor.may(Permission.CONFIGURE):
                    raise Forbidden
                await require_confirmation(session, actor)
            if deed is Deed.RESEND:
                await refuse_when_paused(session, actor)
            await _plan(session, store, job, deed, code, self._clock.now())
            options = {"deed": deed.value, "code": code}
            run = NewRun(actor, key, deed.value, [store.id], type=BY_HAND, options=options)
            execution = await self._writer.write(session, job, run, chat)
            self._recorder.audit(session, actor, deed.value, "store", store.id, after=options)
            return Started(execution.id, job.name, new=True)


async def _plan(session: AsyncSession, store: Store, job: Job, deed: Deed, code: str, now: datetime) -> Plan:
    if not store.cut_over:
        raise not_cut_over([store.name])
    zone = store.zone((await session.get_one(Organisation, store.organisation_id)).zone)
    today = local_date(now, zone)
    last = await session.run_sync(load_baseline, store.id)
    if last is None or (deed is not Deed.RESEND and last.day != today):
        raise Conflict(T("{store} has no verified campaign of today.", store=store.name))
    window = plan_window(now, zone, store.opens_at(today), await session.run_sync(lead_of, job))
    if window is None or window.day != today:
        raise Conflict(T("Too late for today's campaign: it would end before it starts."))
    live = (await session.run_sync(live_lists, [store.id], now)).get(store.id)
    return Plan(
        deed,
        store.name,
        await _product(session, store.id, code) if code else "",
        len(last.lines),
        _left(deed, last, code, store),
        last.day,
        window.start,
        live is not None and live.start <= now,
        None if live is None else live.end.astimezone(zone),
    )


def _left(deed: Deed, last: Baseline, code: str, store: Store) -> int:
    """Return how many lines stay; what would leave none, or changes nothing, is refused."""
    if deed is not Deed.TAKE_OFF:
        return 0 if deed is Deed.CLEAR else len(last.lines)
    if code not in last.lines:
        raise Conflict(T("Product {code} is not in today's campaign of {store}.", code=code, store=store.name))
    if len(last.lines) == 1:
        raise Conflict(T("It is the only product of {store}: clear the store instead.", store=store.name))
    return len(last.lines) - 1


async def _product(session: AsyncSession, store_id: int, code: str) -> str:
    name: str | None = await session.scalar(
        select(FetchedProduct.name).where(FetchedProduct.store_id == store_id, FetchedProduct.code == code)
    )
    return name or code


async def _job_of(session: AsyncSession, store: Store) -> Job:
    """Return the sync job that sends to a store, or (for an inactive store) the first there is."""
    wanted = select(Job).where(
        Job.organisation_id == store.organisation_id, Job.type == JobType.SYNC_PRODUCTS, Job.deleted_at.is_(None)
    )
    jobs = list(await session.scalars(wanted.order_by(Job.enabled.desc(), Job.name)))
    if not jobs:
        raise Conflict(T("No sync job is set up, so nothing knows the platform of {store}.", store=store.name))
    for job in jobs:
        if any(one.id == store.id for one in await stores_of_job(session, job)):
            return job
    return jobs[0]
