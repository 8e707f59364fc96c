"""Finding products by code, barcode or words of their name, among what a person may see (CH-15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor
from core.catalogue.model import FetchedProduct, Snapshot
from core.lookup.model import KnownProduct
from core.lookup.prices import known_codes
from core.lookup.words import Wanted
from core.stores.model import Store

MOST = 200
"""At most so many products are listed for one question."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product's identity; the name and EAN are empty where no scan told them."""

    code: str
    name: str = ""
    ean: str = ""


@dataclass(frozen=True, slots=True)
class Matches:
    """What a question found, best first. `last_scan` is the newest scan of the `stores` seen."""

    wanted: Wanted
    products: list[Product]
    stores: int
    last_scan: datetime | None


async def find_products(session: AsyncSession, actor: Actor, stores: Sequence[Store], wanted: Wanted) -> list[Product]:
    """Return the products that a question means. What only other people's stores have is not there."""
    found: list[Product] = []
    if wanted.code:
        found = await _numbered(session, actor, wanted)
    if not found and wanted.words:
        found = await _named(session, actor, wanted.words)
    if actor.store_ids is not None and found:
        seen = await known_codes(session, stores, [product.code for product in found])
        found = [product for product in found if product.code in seen]
    listed = any(product.code == wanted.code for product in found)
    if wanted.code and not listed and await known_codes(session, stores, [wanted.code]):
        # No scan has seen it discounted: only its code is known.
        found = [await describe(session, actor.organisation_id, stores, wanted.code), *found]
    return found


async def describe(session: AsyncSession, organisation_id: int, stores: Sequence[Store], code: str) -> Product:
    """Return a product by its code, with the name under which one of the stores has it, if any."""
    rows = await session.execute(
        select(FetchedProduct.name, FetchedProduct.ean)
        .where(FetchedProduct.store_id.in_([store.id for store in stores]), FetchedProduct.code == code)
        .limit(1)
    )
    if row := rows.first():
        return Product(code, row.name, row.ean)
    known = await session.get(KnownProduct, (organisation_id, code))
    return Product(code) if known is None else Product(code, known.name, known.ean)


async def last_scan(session: AsyncSession, stores: Sequence[Store]) -> datetime | None:
    """Return when the newest scan of any of the stores ended (UTC), None before the first."""
    wanted = select(func.max(Snapshot.scanned_at)).where(Snapshot.store_id.in_([store.id for store in stores]))
    newest: datetime | None = await session.scalar(wanted)
    return newest


async def _numbered(session: AsyncSession, actor: Actor, wanted: Wanted) -> list[Product]:
    means = KnownProduct.code == wanted.code
    if wanted.barcode:
        means |= KnownProduct.barcode == wanted.barcode
    rows = await session.execute(
        select(KnownProduct.code, KnownProduct.name, KnownProduct.ean)
        .where(KnownProduct.organisation_id == actor.organisation_id, means)
        .order_by(case((KnownProduct.code == wanted.code, 0), else_=1), KnownProduct.name, KnownProduct.code)
        .limit(MOST)
    )
    return [Product(*row) for row in rows]


async def _named(session: AsyncSession, actor: Actor, words: Sequence[str]) -> list[Product]:
    """Every word must begin a word of the name; names that begin with the first one come first."""
    begins = KnownProduct.words.startswith(f" {words[0]}")
    rows = await session.execute(
        select(KnownProduct.code, KnownProduct.name, KnownProduct.ean)
        .where(
            KnownProduct.organisation_id == actor.organisation_id,
            *(KnownProduct.words.contains(f" {word}") for word in words),
        )
        .order_by(case((begins, 0), else_=1), KnownProduct.name, KnownProduct.code)
        .limit(MOST)
    )
    return [Product(*row) for row in rows]
