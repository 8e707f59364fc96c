"""Stores as people look at them: all of them at a glance, one of them, its products (CH-1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from sqlalchemy import and_, bindparam, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, aliased

from core.access import Actor, Permission, UseCase
from core.catalogue.model import FetchedProduct, Hold, Snapshot, VerifiedList
from core.clock import Clock, local_date
from core.cnpj import bare_cnpj
from core.db.database import Database
from core.errors import NotFound
from core.executions.model import Execution, Step
from core.executions.states import Outcome
from core.jobs.model import JobType
from core.lookup.words import folded
from core.organisations.model import Organisation
from core.paging import Paging, Slice, cut
from core.stores.model import Store
from core.texts import T, Text

_OURS = (
    select(Store)
    .where(Store.organisation_id == bindparam("organisation_id"), Store.deleted_at.is_(None))
    .order_by(Store.name)
)
_these = Store.id.in_(bindparam("store_ids", expanding=True))
_newest = select(VerifiedList.id).where(VerifiedList.store_id == Store.id).order_by(VerifiedList.id.desc()).limit(1)
_NEWEST_LISTS = (
    select(VerifiedList).join(Store, VerifiedList.id == _newest.correlate(Store).scalar_subquery()).where(_these)
)
_told = aliased(Step)
_last = (
    select(_told.execution_id)
    .join(Execution, Execution.id == _told.execution_id)
    .where(
        _told.store_id == Store.id,
        _told.outcome.is_not(None),
        Execution.type == JobType.SYNC_PRODUCTS,
        Execution.dry_run.is_(False),
    )
    .order_by(_told.execution_id.desc())
    .limit(1)
)
_LAST_STEPS = (
    select(Step)
    .join(Store, and_(Step.store_id == Store.id, Step.execution_id == _last.correlate(Store).scalar_subquery()))
    .where(_these)
)


@dataclass(frozen=True, slots=True)
class LastSync:
    """How the last sync of a store ended, dry runs aside."""

    execution_id: int
    outcome: Outcome
    at: datetime | None
    reason: Text | None


@dataclass(frozen=True, slots=True)
class LiveList:
    """The verified list whose window is not over."""

    lines: int
    start: datetime
    end: datetime
    verified_at: datetime


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A store in a list."""

    id: int
    name: str
    active: bool
    last: LastSync | None
    live: LiveList | None
    paused_by: str | None = None


@dataclass(frozen=True, slots=True)
class StorePage:
    """One store. Times are in its own zone; `discounted` counts the products of the last scan."""

    row: StoreRow
    cnpj: str
    opening: time
    tags: list[str]
    scanned_at: datetime | None
    read: int
    discounted: int
    held_lines: int


@dataclass(frozen=True, slots=True)
class DiscountedProduct:
    """A product that the last scan of a store found discounted (money)."""

    code: str
    name: str
    base: Decimal
    final: Decimal
    per_unit: bool


class SearchStores(UseCase):
    """The actor's stores, by name; `words` must all begin words of the name, or the CNPJ."""

    permission = Permission.VIEW

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor, words: str, paging: Paging) -> Slice[StoreRow]:
        now = self._clock.now()

        def search(session: Session) -> Slice[StoreRow]:
            page = cut([store for store in seen_stores(session, actor) if _means(store, words)], paging)
            return Slice(_rows(session, page.rows, now), page.total, page.page)

        return await self._database.read(search)


class ShowStore(UseCase):
    """One store of the actor's."""

    permission = Permission.VIEW

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor, store_id: int) -> StorePage:
        async with self._database.reading() as session:
            store = await seen_store(session, actor, store_id)
            organisation = await session.get_one(Organisation, actor.organisation_id)
            (row,) = await session.run_sync(_rows, [store], self._clock.now())
            snapshot = await session.get(Snapshot, store.id)
            counted = select(func.count()).where(FetchedProduct.store_id == store.id)
            held = select(func.count()).where(Hold.store_id == store.id, Hold.state == "open", Hold.kind == "line")
            zone = store.zone(organisation.zone)
            return StorePage(
                row,
                store.cnpj,
                store.opens_at(local_date(self._clock.now(), zone)),
                list(store.tags),
                None if snapshot is None else snapshot.scanned_at.astimezone(zone),
                0 if snapshot is None else snapshot.products_read,
                await session.scalar(counted) or 0,
                await session.scalar(held) or 0,
            )


class SearchProducts(UseCase):
    """The discounted products of one store's last scan, by name; `words` are in the name, or the code or EAN."""

    permission = Permission.VIEW

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor, store_id: int, words: str, paging: Paging) -> Slice[DiscountedProduct]:
        async with self._database.reading() as session:
            store = await seen_store(session, actor, store_id)
            named = [func.lower(FetchedProduct.name).contains(word, autoescape=True) for word in words.lower().split()]
            numbered = FetchedProduct.code == words.lstrip("0")
            meant = or_(and_(true(), *named), *([numbered, FetchedProduct.ean == words] if words.isdecimal() else []))
            wanted = select(FetchedProduct).where(FetchedProduct.store_id == store.id, meant)
            total = await session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
            page = paging.clamp(total)
            ordered = wanted.order_by(FetchedProduct.name, FetchedProduct.code)
            found = await session.scalars(ordered.offset(page.offset).limit(page.size))
            rows = [DiscountedProduct(one.code, one.name, one.base, one.final, bool(one.per_unit)) for one in found]
        return Slice(rows, total, page)


def seen_stores(session: Session, actor: Actor) -> list[Store]:
    """Return all stores that the actor may see, inactive ones too, by name."""
    found = session.scalars(_OURS, {"organisation_id": actor.organisation_id})
    return [store for store in found if actor.sees(store.id)]


async def seen_store(session: AsyncSession, actor: Actor, store_id: int) -> Store:
    """Return one store. Raises NotFound for any that the actor may not see, which says nothing about it."""
    store = await session.get(Store, store_id)
    own = store is not None and store.organisation_id == actor.organisation_id and store.deleted_at is None
    if store is None or not own or not actor.sees(store_id):
        raise NotFound(T("That store is not among your stores."))
    return store


def live_list(session: Session, store_id: int, now: datetime) -> LiveList | None:
    """Return what was verified last for a store, as long as its window is not over."""
    return _live_lists(session, [store_id], now).get(store_id)


def _live_lists(session: Session, store_ids: Sequence[int], now: datetime) -> dict[int, LiveList]:
    return {
        one.store_id: LiveList(one.count, one.window_start, one.window_end, one.verified_at)
        for one in session.scalars(_NEWEST_LISTS, {"store_ids": store_ids})
        if one.window_end > now
    }


def _means(store: Store, words: str) -> bool:
    if not words:
        return True
    number, named = bare_cnpj(words), folded(store.name).split()
    if number and store.cnpj.startswith(number):
        return True
    return all(any(part.startswith(word) for part in named) for word in folded(words).split())


def _rows(session: Session, stores: Sequence[Store], now: datetime) -> list[StoreRow]:
    store_ids = [store.id for store in stores]
    last, live = _last_syncs(session, store_ids), _live_lists(session, store_ids, now)
    return [
        StoreRow(store.id, store.name, store.active, last.get(store.id), live.get(store.id), store.paused_by)
        for store in stores
    ]


def last_sync_of(session: Session, store_id: int) -> LastSync | None:
    return _last_syncs(session, [store_id]).get(store_id)


def _last_syncs(session: Session, store_ids: Sequence[int]) -> dict[int, LastSync]:
    return {
        step.store_id: LastSync(
            step.execution_id,
            Outcome(step.outcome),
            step.finished_at,
            Text.from_json(step.reason) if step.reason else None,
        )
        for step in session.scalars(_LAST_STEPS, {"store_ids": store_ids})
        if step.outcome is not None
    }
