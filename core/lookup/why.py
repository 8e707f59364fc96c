"""Why a product is not on promotion, store by store, as the last run knows it (CH-24)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.catalogue.model import LineList, VerifiedList
from core.catalogue.sets import lines_of
from core.clock import Clock
from core.db.database import Database
from core.errors import BadInput, NotFound
from core.lookup.finding import find_products
from core.lookup.prices import Standing, StorePrice, load_prices
from core.lookup.product import one_of, visible_stores
from core.lookup.words import Wanted, understand
from core.organisations.model import Organisation
from core.stores.model import Store
from core.stores.repository import find_stores
from core.stores.viewing import LastSync, last_sync_of
from core.texts import T

_LISTS_BACK = 30
_GONE = (Standing.REJECTED, Standing.NOT_LISTED)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a product stands in one store; `ended` is the last day it was live, if the ERP ended it since."""

    price: StorePrice
    last: LastSync | None
    ended: date | None


class WhyNot(UseCase):
    """Answer for one store or all of the actor's: not in the scan, rejected, held, not verified, ended.

    `store_id` or `words` name the store. Raises BadInput for what is no code.
    """

    permission = Permission.VIEW

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(
        self, actor: Actor, code: str, *, words: tuple[str, ...] = (), store_id: int | None = None
    ) -> list[Answer]:
        wanted = understand(code)
        if not wanted.code:
            raise BadInput(T("Write the product's code, then the store: /why 1203 001"))
        async with self._database.reading() as session:
            stores = await visible_stores(session, actor)
            if store_id is not None:
                stores = [one_of(stores, store_id)]
            elif words:
                stores = await find_stores(session, actor, words)
            known = await _code(session, actor, stores, wanted)
            organisation = await session.get_one(Organisation, actor.organisation_id)
            prices = (await load_prices(session, organisation, stores, [known], self._clock.now()))[known]
            return [await _answer(session, price, known) for price in prices]


async def _code(session: AsyncSession, actor: Actor, stores: list[Store], wanted: Wanted) -> str:
    """Return the product's code, also for its barcode."""
    found = await find_products(session, actor, stores, wanted)
    if len(found) > 1 and all(product.code != wanted.code for product in found):
        raise NotFound(T("Several products have that number: {codes}. Which one?", codes=[one.code for one in found]))
    exact = [product.code for product in found if product.code == wanted.code]
    return (exact or [product.code for product in found] or [wanted.code])[0]


async def _answer(session: AsyncSession, price: StorePrice, code: str) -> Answer:
    ended = await _last_live(session, price.store_id, code) if price.standing in _GONE else None
    return Answer(price, await session.run_sync(last_sync_of, price.store_id), ended)


async def _last_live(session: AsyncSession, store_id: int, code: str) -> date | None:
    """Return the last day on which the product was in a verified list, as far back as a month."""
    rows = await session.execute(
        select(VerifiedList.day, VerifiedList.digest)
        .where(VerifiedList.store_id == store_id)
        .order_by(VerifiedList.id.desc())
        .limit(_LISTS_BACK)
    )
    for day, digest in list(rows):
        packed = await session.scalar(
            select(LineList.lines).where(LineList.store_id == store_id, LineList.digest == digest)
        )
        if packed is not None and lines_of(packed, [code]):
            found: date = day
            return found
    return None
