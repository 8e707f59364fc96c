"""Stores as people look at them: all of them at a glance, one of them, its products (CH-1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from core.access import Actor, Permission, UseCase
from core.catalogue.model import FetchedProduct, Hold, HoldKind, HoldState, Snapshot, VerifiedList
from core.catalogue.places import is_of_store
from core.clock import Clock, local_date
from core.cnpj import bare_cnpj
from core.db.base import table_of
from core.db.database import Database
from core.db.prepared import Prepared, among
from core.errors import NotFound
from core.executions.model import Execution, Step
from core.executions.released import Release, load_releases
from core.executions.states import WORKED_OUT, Outcome
from core.jobs.model import JobType
from core.lookup.model import KnownProduct
from core.lookup.words import folded
from core.organisations.model import Organisation
from core.paging import Paging, Slice, cut
from core.stores.model import Store
from core.texts import T, Text

_stores = table_of(Store).c
_OURS = Prepared(
    select(_stores.id, _stores.name, _stores.cnpj, _stores.active, _stores.paused_by, _stores.cut_over)
    .where(_stores.organisation_id == bindparam("organisation_id"), _stores.deleted_at.is_(None))
    .order_by(_stores.name)
)
_lists, _steps = table_of(VerifiedList).c, table_of(Step).c
_newest = table_of(VerifiedList).alias().c
_NEWEST_LISTS = Prepared(
    select(_stores.id, _lists.count, _lists.window_start, _lists.window_end, _lists.verified_at)
    .join_from(
        table_of(Store),
        table_of(VerifiedList),
        _lists.id == select(func.max(_newest.id)).where(_newest.store_id == _stores.id).scalar_subquery(),
    )
    .where(among(_stores.id), is_of_store(_lists.registration, _lists.unit))
)
_finished = table_of(Step).alias().c
_last = (
    select(_finished.execution_id)
    .join(Execution, Execution.id == _finished.execution_id)
    .where(
        _finished.store_id == _stores.id,
        _finished.outcome.is_not(None),
        Execution.type == JobType.SYNC_PRODUCTS.value,
        Execution.dry_run.is_(False),
    )
    .order_by(_finished.execution_id.desc())
    .limit(1)
    .scalar_subquery()
)
_LAST_STEPS = Prepared(
    select(_stores.id, _steps.execution_id, _steps.outcome, _steps.finished_at, _steps.reason, _steps.counts)
    .join_from(table_of(Store), table_of(Step), and_(_steps.store_id == _stores.id, _steps.execution_id == _last))
    .where(among(_stores.id))
)


@dataclass(frozen=True, slots=True)
class LastSync:
    """How the last sync of a store ended, dry runs aside; `worked_out`: the old system still sent it.

    `released` is what became of what it held and somebody let go since.
    """

    execution_id: int
    outcome: Outcome
    at: datetime | None
    reason: Text | None
    worked_out: bool = False
    released: Release | None = None


@dataclass(frozen=True, slots=True)
class LiveList:
    """The verified list whose window is not over, and whether it has begun."""

    lines: int
    start: datetime
    end: datetime
    verified_at: datetime
    begun: bool


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A store in a list."""

    id: int
    name: str
    active: bool
    last: LastSync | None
    live: LiveList | None
    paused_by: str | None = None
    cut_over: bool = True


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


@dataclass(frozen=True, slots=True)
class StoreProducts:
    """What a search in a store's last scan found, with the name of the store."""

    store: str
    found: Slice[DiscountedProduct]


class SearchStores(UseCase):
    """The actor's stores, by name; `words` must all begin words of the name, or the CNPJ."""

    permission = Permission.VIEW

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor, words: str, paging: Paging) -> Slice[StoreRow]:
        now = self._clock.now()

        def search(session: Session) -> Slice[StoreRow]:
            found = _OURS.rows(session.connection(), organisation_id=actor.organisation_id)
            page = cut([store for store in found if actor.sees(store.id) and _means(store, words)], paging)
            return Slice(_rows(session, page.rows, now), page.total, page.page)

        return await self._database.glance(search)


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
            held = select(func.count()).where(
                Hold.store_id == store.id, Hold.state == HoldState.OPEN, Hold.kind == HoldKind.LINE
            )
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
    """The discounted products of one store's last scan, by name.

    `words` begin words of the name, whatever their accents and case, or are in it; or they are the code or EAN.
    """

    permission = Permission.VIEW

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor, store_id: int, words: str, paging: Paging) -> StoreProducts:
        async with self._database.reading() as session:
            store = await seen_store(session, actor, store_id)
            known = and_(
                KnownProduct.organisation_id == actor.organisation_id, KnownProduct.code == FetchedProduct.code
            )
            wanted = select(FetchedProduct).outerjoin(KnownProduct, known)
            wanted = wanted.where(FetchedProduct.store_id == store.id, or_(*_meant(words)))
            total = await session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
            page = paging.clamp(total)
            ordered = wanted.order_by(FetchedProduct.name, FetchedProduct.code)
            found = await session.scalars(ordered.offset(page.offset).limit(page.size))
            rows = [DiscountedProduct(one.code, one.name, one.base, one.final, bool(one.per_unit)) for one in found]
        return StoreProducts(store.name, Slice(rows, total, page))


def _meant(words: str) -> Iterator[ColumnElement[bool]]:
    """Yield the ways in which words may mean a product; its index may be a moment behind the scan."""
    yield and_(
        true(), *(func.lower(FetchedProduct.name).contains(word, autoescape=True) for word in words.lower().split())
    )
    if plain := folded(words).split():
        yield and_(*(KnownProduct.words.contains(f" {word}") for word in plain))
    if words.isdecimal():
        yield FetchedProduct.code == words.lstrip("0")
        yield FetchedProduct.ean == words


async def seen_store(session: AsyncSession, actor: Actor, store_id: int) -> Store:
    """Return one store. Raises NotFound for any that the actor may not see, which says nothing about it."""
    store = await session.get(Store, store_id)
    own = store is not None and store.organisation_id == actor.organisation_id and store.deleted_at is None
    if store is None or not own or not actor.sees(store_id):
        raise NotFound(T("That store is not among your stores."))
    return store


def live_lists(session: Session, store_ids: Sequence[int], now: datetime) -> dict[int, LiveList]:
    """Return what was verified last for each of some stores, as long as its window is not over."""
    found = _NEWEST_LISTS.rows_among(session.connection(), store_ids)
    return {
        store_id: LiveList(lines, start, end, verified_at, begun=start <= now)
        for store_id, lines, start, end, verified_at in found
        if end > now
    }


def last_syncs(session: Session, store_ids: Sequence[int]) -> dict[int, LastSync]:
    """Return what the newest finished sync did for each of some stores, if there was one."""
    found = _LAST_STEPS.rows_among(session.connection(), store_ids)
    held_in = {run for _, run, outcome, *_ in found if outcome == Outcome.HELD}
    released = {run: load_releases(session, run) for run in held_in}
    return {
        store_id: LastSync(
            run,
            Outcome(outcome),
            at,
            Text.from_json(reason) if reason else None,
            WORKED_OUT in counts,
            released[run].get(store_id) if outcome == Outcome.HELD else None,
        )
        for store_id, run, outcome, at, reason, counts in found
    }


def _means(store: Any, words: str) -> bool:
    if not words:
        return True
    number, named = bare_cnpj(words), folded(store.name).split()
    if number and store.cnpj.startswith(number):
        return True
    return all(any(part.startswith(word) for part in named) for word in folded(words).split())


def _rows(session: Session, stores: Sequence[Any], now: datetime) -> list[StoreRow]:
    ids = [store.id for store in stores]
    last, live = last_syncs(session, ids), live_lists(session, ids, now)
    return [
        StoreRow(
            store.id,
            store.name,
            store.active,
            last.get(store.id),
            live.get(store.id),
            store.paused_by,
            bool(store.cut_over),
        )
        for store in stores
    ]
