"""Several products at once with their prices, for lists that are asked for at every keystroke."""

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.db.database import Database
from core.lookup.finding import find_products
from core.lookup.prices import load_prices
from core.lookup.product import ProductView, visible_stores
from core.lookup.words import understand
from core.organisations.model import Organisation


class Peek(UseCase):
    """The first `limit` products that a question may mean, each as it stands in the actor's stores."""

    permission = Permission.VIEW

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, actor: Actor, text: str, *, limit: int) -> list[ProductView]:
        wanted = understand(text)
        if not wanted.words:
            return []
        async with self._database.reading() as session:
            stores = await visible_stores(session, actor)
            products = (await find_products(session, actor, stores, wanted))[:limit]
            organisation = await session.get_one(Organisation, actor.organisation_id)
            codes = [product.code for product in products]
            prices = await load_prices(session, organisation, stores, codes, self._clock.now())
        return [ProductView(product, prices[product.code]) for product in products]
