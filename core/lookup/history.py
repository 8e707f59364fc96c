"""How the price of one product moved at one store, day by day, as far back as lists are kept."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.catalogue.lines import Line
from core.catalogue.model import PreparedList, VerifiedList
from core.db.database import Database
from core.executions.model import Execution
from core.lookup.finding import Product, describe
from core.lookup.prices import pick_lines
from core.lookup.product import one_of, visible_stores

MOST_DAYS = 90


@dataclass(frozen=True, slots=True)
class DayPrice:
    """A store-local day: the prices that were prepared, and the one that was live (money).

    None: the product was not in that list, or there was no list that day.
    """

    day: date
    base: Decimal | None
    final: Decimal | None
    live: Decimal | None


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """The days for which there is any list of the store, oldest first."""

    product: Product
    store: str
    days: list[DayPrice]

    @property
    def empty(self) -> bool:
        return all(day.final is None and day.live is None for day in self.days)


class ShowHistory(UseCase):
    """One product at one store of the actor's, over the last `MOST_DAYS` days with lists."""

    permission = Permission.VIEW

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor, code: str, store_id: int) -> PriceHistory:
        async with self._database.reading() as session:
            store = one_of(await visible_stores(session, actor), store_id)
            product = await describe(session, actor.organisation_id, [store], code)
            prepared, verified = await _prepared(session, store_id), await _verified(session, store_id)
            days = sorted(prepared.keys() | verified.keys())[-MOST_DAYS:]
            digests = {lists[day] for lists in (prepared, verified) for day in days if day in lists}
            lists = [(store_id, digest) for digest in digests]
            lines = {digest: line for (_, digest, _), line in (await pick_lines(session, lists, [code])).items()}
        return PriceHistory(
            product,
            store.name,
            [_day(day, lines.get(prepared.get(day, "")), lines.get(verified.get(day, ""))) for day in days],
        )


def _day(day: date, prepared: Line | None, live: Line | None) -> DayPrice:
    shown = prepared or live
    return DayPrice(
        day,
        None if shown is None else shown.price,
        None if prepared is None else prepared.final_price,
        None if live is None else live.final_price,
    )


async def _prepared(session: AsyncSession, store_id: int) -> dict[date, str]:
    """Return the digest of the last list that a run prepared for each day; dry runs do not count."""
    rows = await session.execute(
        select(PreparedList.day, PreparedList.digest)
        .join(Execution, Execution.id == PreparedList.execution_id)
        .where(PreparedList.store_id == store_id, Execution.dry_run.is_(False))
        .order_by(PreparedList.execution_id)
    )
    return dict(iter(rows))


async def _verified(session: AsyncSession, store_id: int) -> dict[date, str]:
    rows = await session.execute(
        select(VerifiedList.day, VerifiedList.digest).where(VerifiedList.store_id == store_id).order_by(VerifiedList.id)
    )
    return dict(iter(rows))
