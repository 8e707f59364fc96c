"""Finding stores: of a job, by what somebody typed."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor
from core.errors import BadInput
from core.jobs.model import Job, JobType
from core.stores.model import Store
from core.texts import T


async def active_stores(session: AsyncSession, organisation_id: int) -> list[Store]:
    """Return the stores that take part in runs, by name."""
    found = await session.scalars(
        select(Store)
        .where(Store.organisation_id == organisation_id, Store.active, Store.deleted_at.is_(None))
        .order_by(Store.name)
    )
    return list(found)


async def stores_of_job(session: AsyncSession, job: Job) -> list[Store]:
    """Return the active stores that a job's selection names: all, by name, or by tag. A job about no store has none."""
    if not JobType(job.type).about_stores:
        return []
    stores = await active_stores(session, job.organisation_id)
    if job.stores.get("all"):
        return stores
    names = set(job.stores.get("names", ()))
    tags = set(job.stores.get("tags", ()))
    return [store for store in stores if store.name in names or tags.intersection(store.tags)]


async def find_stores(session: AsyncSession, actor: Actor, words: Sequence[str]) -> list[Store]:
    """Return the store that each word means: its name, CNPJ, number, or the beginning of one name.

    Raises BadInput for a word that means none or several; stores beyond the actor's scope
    do not exist for the actor.
    """
    stores = [s for s in await active_stores(session, actor.organisation_id) if actor.sees(s.id)]
    found = {store.id: store for store in (_match(stores, word) for word in words)}
    return list(found.values())


def _number(name: str) -> int | None:
    """Return the number a name begins with: 7 for “007 Centro”."""
    first = name.split(maxsplit=1)[0]
    return int(first) if first.isdecimal() else None


def _match(stores: list[Store], word: str) -> Store:
    wanted = word.casefold().strip()
    exact = [s for s in stores if wanted in (s.name.casefold(), s.cnpj.casefold(), (s.unit or "").casefold())]
    numbered = [s for s in stores if wanted.isdecimal() and _number(s.name) == int(wanted)]
    near = exact or numbered or [s for s in stores if s.name.casefold().startswith(wanted)]
    if len(near) == 1:
        return near[0]
    if not stores:
        raise BadInput(T("There is no active store yet. An admin adds one with /stores."))
    if not near:
        names = [store.name for store in stores[:10]]
        raise BadInput(T("There is no active store “{word}”. Stores: {names}.", word=word, names=names))
    names = [store.name for store in near[:10]]
    raise BadInput(T("“{word}” could mean several stores: {names}. Write more of the name.", word=word, names=names))
