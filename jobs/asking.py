"""Asking the ERP for one product at one store, for a person who waits (CH-15). Changes nothing."""

import asyncio
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.db.database import Database
from core.errors import Conflict, TemporarilyUnavailable
from core.jobs.model import Job
from core.jobs.settings import read_store_settings
from core.lookup.product import one_of, visible_stores
from core.lookup.quote import Quoted
from core.organisations.model import Organisation
from core.stores.model import Store
from core.stores.repository import stores_of_job
from core.texts import T
from integrations.contract import ProductSource, StoreRef
from jobs.connections import Connections
from jobs.runner import store_ref

_STILL_TRUE = timedelta(seconds=15)

_Question = tuple[int, str, str]


class AskErp(UseCase):
    """One product of one store of the actor's, as the ERP has it now.

    The same question within 15 seconds gets the same answer, so that tapping costs no requests.
    `answer_seconds` is how long a person waits at most, the ERP's rate limit included.
    Raises NotFound, Conflict (no job reads this store), and what a source's calls raise.
    """

    answer_seconds = 30.0
    permission = Permission.VIEW

    def __init__(self, database: Database, clock: Clock, connections: Connections) -> None:
        self._database = database
        self._clock = clock
        self._connections = connections
        self._answers: dict[_Question, Quoted] = {}

    async def __call__(self, actor: Actor, store_id: int, *, code: str, ean: str) -> Quoted:
        async with self._database.reading() as session:
            store = one_of(await visible_stores(session, actor), store_id)
            organisation = await session.get_one(Organisation, actor.organisation_id)
            job = await _reader(session, store)
        question = (store_id, code, ean)
        oldest = self._clock.now() - _STILL_TRUE
        self._answers = {key: one for key, one in self._answers.items() if one.at > oldest}
        if question not in self._answers:
            self._answers[question] = await self._ask(job, store_ref(store, organisation), code, ean)
        return self._answers[question]

    async def _ask(self, job: Job, store: StoreRef, code: str, ean: str) -> Quoted:
        name = read_store_settings(job.type, job.settings).source
        try:
            async with asyncio.timeout(self.answer_seconds):
                source = await self._connections.get(job.organisation_id, name)
                if not isinstance(source, ProductSource):
                    raise Conflict(T("“{name}” cannot be asked for a single product.", name=name))
                async with self._connections.calling(source, job):
                    quote = await source.product(store, code=code, ean=ean)
        except TimeoutError:
            raise TemporarilyUnavailable(
                T("The ERP did not answer in time; it may be busy. Try again later.")
            ) from None
        return Quoted(store.name, self._clock.now(), quote)


async def _reader(session: AsyncSession, store: Store) -> Job:
    """Return a job that reads the store's products."""
    wanted = select(Job).where(Job.organisation_id == store.organisation_id, Job.enabled, Job.deleted_at.is_(None))
    for job in list(await session.scalars(wanted.order_by(Job.id))):
        if any(one.id == store.id for one in await stores_of_job(session, job)):
            return job
    raise Conflict(T("No job reads {store} from an ERP, so there is nobody to ask.", store=store.name))
