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
_MOST_LISTS = 60
"""So many at most are opened for one question, whatever the number of stores: each may hold thousands of lines."""
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
            past = _Past(session, known)
            return [await _answer(session, price, past) for price in prices]


async def _code(session: AsyncSession, actor: Actor, stores: list[Store], wanted: Wanted) -> str:
    """Return the product's code, also for its barcode."""
    found = await find_products(session, actor, stores, wanted)
    if len(found) > 1 and all(product.code != wanted.code for product in found):
        raise NotFound(T("Several products have that number: {codes}. Which one?", codes=[one.code for one in found]))
    exact = [product.code for product in found if product.code == wanted.code]
    return (exact or [product.code for product in found] or [wanted.code])[0]


async def _answer(session: AsyncSession, price: StorePrice, past: "_Past") -> Answer:
    ended = await past.last_live(price.store_id) if price.standing in _GONE else None
    return Answer(price, await session.run_sync(last_sync_of, price.store_id), ended)


class _Past:
    """Looks for a product in the verified lists of before; a list that stayed the same is opened once."""

    def __init__(self, session: AsyncSession, code: str) -> None:
        self._session = session
        self._code = code
        self._left = _MOST_LISTS

    async def last_live(self, store_id: int) -> date | None:
        """Return the last day on which the product was live, as far back as a month; None if that is not known."""
        rows = await self._session.execute(
            select(VerifiedList.day, VerifiedList.digest)
            .where(VerifiedList.store_id == store_id)
            .order_by(VerifiedList.id.desc())
            .limit(_LISTS_BACK)
        )
        newest: dict[str, date] = {}
        for day, digest in rows:
            newest.setdefault(digest, day)
        for digest, day in newest.items():
            if not self._left:
                return None
            self._left -= 1
            packed = await self._session.scalar(
                select(LineList.lines).where(LineList.store_id == store_id, LineList.digest == digest)
            )
            if packed is not None and lines_of(packed, [self._code]):
                return day
        return None
