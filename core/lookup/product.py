"""Looking a product up: what people ask, and what they see (CH-15, CH-24)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.db.database import Database
from core.errors import BadInput, NotFound
from core.lookup.finding import Matches, Product, describe, find_products, last_scan
from core.lookup.prices import Standing, StorePrice, load_prices
from core.lookup.words import understand
from core.organisations.model import Organisation
from core.stores.model import Store
from core.stores.repository import active_stores
from core.texts import T


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product with its price in every store that the person may see, by the stores' names."""

    product: Product
    prices: list[StorePrice]

    @property
    def listed(self) -> bool:
        """Tell whether any of the stores knows the product at all."""
        unknown = (Standing.NOT_LISTED, Standing.NEVER_READ)
        return any(price.standing not in unknown for price in self.prices)


class LookUp(UseCase):
    """Answer a code, a barcode or words: with the one product that is meant, or with all that may be.

    Raises BadInput for a question without a letter or digit.
    """

    permission = Permission.VIEW

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor, text: str) -> ProductView | Matches:
        wanted = understand(text)
        if not wanted.words:
            raise BadInput(T("Write a product's code, its barcode, or words of its name: /product 1203"))
        async with self._database.reading() as session:
            stores = await visible_stores(session, actor)
            products = await find_products(session, actor, stores, wanted)
            if len(products) == 1:
                return await view_product(session, actor, stores, products[0], self._clock.now())
            return Matches(wanted, products, len(stores), await last_scan(session, stores))


class ShowProduct(UseCase):
    """One product by its code, in the stores of the actor; `store_id` for one of them alone."""

    permission = Permission.VIEW

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor, code: str, store_id: int | None = None) -> ProductView:
        async with self._database.reading() as session:
            stores = await visible_stores(session, actor)
            if store_id is not None:
                stores = [one_of(stores, store_id)]
            product = await describe(session, actor.organisation_id, stores, code)
            return await view_product(session, actor, stores, product, self._clock.now())


class ListStores(UseCase):
    """The actor's active stores by name, as (id, name): to choose one of them."""

    permission = Permission.VIEW

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor) -> list[tuple[int, str]]:
        async with self._database.reading() as session:
            return [(store.id, store.name) for store in await visible_stores(session, actor)]


async def visible_stores(session: AsyncSession, actor: Actor) -> list[Store]:
    """Return the active stores that the actor may see, by name."""
    return [store for store in await active_stores(session, actor.organisation_id) if actor.sees(store.id)]


def one_of(stores: Sequence[Store], store_id: int) -> Store:
    """Return one of the visible stores. Raises NotFound for any other, which says nothing about it."""
    found = next((store for store in stores if store.id == store_id), None)
    if found is None:
        raise NotFound(T("That store is not among your active stores."))
    return found


async def view_product(
    session: AsyncSession, actor: Actor, stores: Sequence[Store], product: Product, now: datetime
) -> ProductView:
    """Return a product with its prices in these stores."""
    organisation = await session.get_one(Organisation, actor.organisation_id)
    prices = await load_prices(session, organisation, stores, [product.code], now)
    return ProductView(product, prices[product.code])
