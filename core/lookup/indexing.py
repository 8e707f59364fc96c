"""Keeps the chain's list of known products up with the snapshots, beside the work on them.

A snapshot is written as fast as the database can; what is new in it is taken over later, store
by store and in small portions, so that neither a sync nor a tap waits for it.
"""

from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from core.catalogue.model import FetchedProduct, Snapshot
from core.db.database import Database
from core.lookup.model import IndexedSnapshot, KnownProduct
from core.lookup.words import searchable
from core.stores.model import Store

PORTION = 1000


class ProductIndex:
    """Takes over what changed since the last time; `refresh` may be cut off anywhere."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def refresh(self) -> int:
        """Bring the list up to every snapshot. Returns how many products were new or renamed."""
        taken = 0
        for store_id, organisation_id, digest in await self._outdated():
            while portion := await self._take(store_id, organisation_id):
                taken += portion
            async with self._database.writing() as session:
                await session.merge(IndexedSnapshot(store_id=store_id, digest=digest))
        return taken

    async def _outdated(self) -> list[tuple[int, int, str]]:
        async with self._database.reading() as session:
            found = await session.execute(
                select(Store.id, Store.organisation_id, Snapshot.digest)
                .join(Snapshot, Snapshot.store_id == Store.id)
                .outerjoin(IndexedSnapshot, IndexedSnapshot.store_id == Store.id)
                .where(or_(IndexedSnapshot.digest.is_(None), IndexedSnapshot.digest != Snapshot.digest))
                .order_by(Store.id)
            )
            return [(store_id, organisation_id, digest) for store_id, organisation_id, digest in found]

    async def _take(self, store_id: int, organisation_id: int) -> int:
        """Take over some of a store's products that are not known as they are now."""
        async with self._database.reading() as session:
            rows = await _unknown(session, store_id, organisation_id)
        if rows:
            async with self._database.writing() as session:
                await _keep(session, [_row(organisation_id, *row) for row in rows])
        return len(rows)


async def _unknown(session: AsyncSession, store_id: int, organisation_id: int) -> list[tuple[str, str, str]]:
    same_product = and_(KnownProduct.organisation_id == organisation_id, KnownProduct.code == FetchedProduct.code)
    found = await session.execute(
        select(FetchedProduct.code, FetchedProduct.name, FetchedProduct.ean)
        .outerjoin(KnownProduct, same_product)
        .where(
            FetchedProduct.store_id == store_id,
            or_(
                KnownProduct.code.is_(None),
                KnownProduct.name != FetchedProduct.name,
                KnownProduct.ean != FetchedProduct.ean,
            ),
        )
        .limit(PORTION)
    )
    return [(code, name, ean) for code, name, ean in found]


def _row(organisation_id: int, code: str, name: str, ean: str) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "code": code,
        "name": name,
        "ean": ean,
        "words": searchable(name),
        "barcode": ean.lstrip("0"),
    }


async def _keep(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    dialect = (await session.connection()).dialect.name
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(KnownProduct)
    new = {name: insert.excluded[name] for name in ("name", "ean", "words", "barcode")}
    await session.execute(insert.on_conflict_do_update(index_elements=["organisation_id", "code"], set_=new), rows)
