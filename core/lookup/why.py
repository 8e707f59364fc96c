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
from core.stores.viewing import LastSync, last_syncs
from core.texts import T

_LISTS_BACK = 30
_MOST_LISTS = 60
"""So many at most are opened for one question, whatever the number of stores: each may hold thousands of lines."""
_GONE = (Standing.REJECTED, Standing.NOT_LISTED)


@dataclass(frozen=True, slots=True)
class Past:
    """The last day a product was live in a store, if the ERP ended it since and that was found.

    `back_to` is the day of the oldest list that was opened; there are `more` that were not.
    """

    ended: date | None = None
    back_to: date | None = None
    more: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """How a product stands in one store, and how it did before."""

    price: StorePrice
    last: LastSync | None
    past: Past


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
            past = _Lists(session, known)
            last = await session.run_sync(last_syncs, [price.store_id for price in prices])
            return [Answer(price, last.get(price.store_id), await _past(price, past)) for price in prices]


async def _code(session: AsyncSession, actor: Actor, stores: list[Store], wanted: Wanted) -> str:
    """Return the product's code, also for its barcode."""
    found = await find_products(session, actor, stores, wanted)
    if len(found) > 1 and all(product.code != wanted.code for product in found):
        raise NotFound(T("Several products have that number: {codes}. Which one?", codes=[one.code for one in found]))
    exact = [product.code for product in found if product.code == wanted.code]
    return (exact or [product.code for product in found] or [wanted.code])[0]


async def _past(price: StorePrice, lists: "_Lists") -> Past:
    return await lists.last_live(price.store_id) if price.standing in _GONE else Past()


class _Lists:
    """Looks for a product in the verified lists of before; a list that stayed the same is opened once."""

    def __init__(self, session: AsyncSession, code: str) -> None:
        self._session = session
        self._code = code
        self._left = _MOST_LISTS

    async def last_live(self, store_id: int) -> Past:
        """Return the last day on which the product was live, as far back as a month, or how far that was looked for."""
        found = await self._session.execute(
            select(VerifiedList.day, VerifiedList.digest)
            .where(VerifiedList.store_id == store_id)
            .order_by(VerifiedList.id.desc())
            .limit(_LISTS_BACK + 1)
        )
        rows = found.all()
        newest: dict[str, date] = {}
        for day, digest in rows[:_LISTS_BACK]:
            newest.setdefault(digest, day)
        back_to = None
        for digest, day in newest.items():
            if not self._left:
                return Past(back_to=back_to, more=True)
            self._left -= 1
            packed = await self._session.scalar(
                select(LineList.lines).where(LineList.store_id == store_id, LineList.digest == digest)
            )
            if packed is not None and lines_of(packed, [self._code]):
                return Past(ended=day)
            back_to = day
        # A list that stayed the same for days was opened for all of them.
        oldest = rows[:_LISTS_BACK][-1].day if rows else None
        return Past(back_to=oldest, more=len(rows) > _LISTS_BACK)
