"""A chain of three stores on either database, and people who see all or one of them."""

from dataclasses import dataclass, replace

import pytest

from core.access import Actor, Role
from core.clock import ManualClock
from core.db.database import Database
from core.lookup.finding import Matches
from core.lookup.history import PriceHistory, ShowHistory
from core.lookup.indexing import ProductIndex
from core.lookup.product import LookUp, ProductView, ShowProduct
from core.organisations.model import Organisation
from core.stores.model import Store
from tests.kit.shelf import Shelf


@dataclass
class Mart:
    """A chain, its use cases, and how to ask them."""

    database: Database
    clock: ManualClock
    shelf: Shelf
    stores: list[Store]
    viewer: Actor

    def only(self, *stores: Store) -> Actor:
        return replace(self.viewer, store_ids=frozenset(store.id for store in stores))

    async def index(self) -> int:
        return await ProductIndex(self.database).refresh()

    async def ask(self, text: str, actor: Actor | None = None) -> ProductView | Matches:
        return await LookUp(self.database, self.clock)(actor or self.viewer, text)

    async def codes(self, text: str, actor: Actor | None = None) -> list[str]:
        """The codes that a question finds, best first."""
        found = await self.ask(text, actor)
        return [found.product.code] if isinstance(found, ProductView) else [one.code for one in found.products]

    async def show(self, code: str, actor: Actor | None = None) -> ProductView:
        return await ShowProduct(self.database, self.clock)(actor or self.viewer, code)

    async def standings(self, code: str, actor: Actor | None = None) -> list[str]:
        return [price.standing.value for price in (await self.show(code, actor)).prices]

    async def history(self, code: str, store: Store, actor: Actor | None = None) -> PriceHistory:
        return await ShowHistory(self.database)(actor or self.viewer, code, store.id)


async def chain(database: Database, name: str) -> tuple[int, list[Store]]:
    async with database.writing() as session:
        organisation = Organisation(name=name, timezone="America/Sao_Paulo", locale="en")
        session.add(organisation)
        await session.flush()
        stores = [
            Store(organisation_id=organisation.id, name=f"00{number}", cnpj=cnpj)
            for number, cnpj in enumerate(("11222333000181", "11222333000262", "11222333000343"), start=1)
        ]
        session.add_all(stores)
    return organisation.id, stores


@pytest.fixture
async def mart(database: Database, clock: ManualClock) -> Mart:
    organisation_id, stores = await chain(database, "Mercado Azul")
    viewer = Actor(organisation_id, Role.VIEWER, "Vera", "chat")
    return Mart(database, clock, Shelf(database), stores, viewer)
