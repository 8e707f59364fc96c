"""Stores as people look at them: all of them at a glance, one of them, its products (CH-1)."""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from core.access import Actor, Permission, UseCase
from core.catalogue.model import FetchedProduct, Hold, Snapshot, VerifiedList
from core.clock import Clock, local_date
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
            return Slice([_row(session, store, now) for store in page.rows], page.total, page.page)

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
            row = await session.run_sync(_row, store, self._clock.now())
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
    found = session.scalars(
        select(Store)
        .where(Store.organisation_id == actor.organisation_id, Store.deleted_at.is_(None))
        .order_by(Store.name)
    )
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
    newest = session.scalar(
        select(VerifiedList).where(VerifiedList.store_id == store_id).order_by(VerifiedList.id.desc()).limit(1)
    )
    if newest is None or newest.window_end <= now:
        return None
    return LiveList(newest.count, newest.window_start, newest.window_end, newest.verified_at)


def _means(store: Store, words: str) -> bool:
    if not words:
        return True
    named = folded(store.name).split()
    return store.cnpj.startswith(words) or all(
        any(part.startswith(word) for part in named) for word in folded(words).split()
    )


def _row(session: Session, store: Store, now: datetime) -> StoreRow:
    return StoreRow(
        store.id,
        store.name,
        store.active,
        last_sync_of(session, store.id),
        live_list(session, store.id, now),
        store.paused_by,
    )


def last_sync_of(session: Session, store_id: int) -> LastSync | None:
    found = session.scalar(
        select(Step)
        .join(Execution, Execution.id == Step.execution_id)
        .where(
            Step.store_id == store_id,
            Step.outcome.is_not(None),
            Execution.type == JobType.SYNC_PRODUCTS,
            Execution.dry_run.is_(False),
        )
        .order_by(Step.execution_id.desc())
        .limit(1)
    )
    if found is None or found.outcome is None:
        return None
    reason = Text.from_json(found.reason) if found.reason else None
    return LastSync(found.execution_id, Outcome(found.outcome), found.finished_at, reason)
