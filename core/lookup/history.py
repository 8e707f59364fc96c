"""How the price of one product moved at one store, day by day, as far back as lists are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.catalogue.lines import Line
from core.catalogue.model import PreparedList, VerifiedList
from core.db.database import Database
from core.executions.model import Execution, Step
from core.executions.states import WORKED_OUT
from core.lookup.finding import Product, describe
from core.lookup.prices import PreparedOf, pick_lines
from core.lookup.product import one_of, visible_stores

MOST_DAYS = 90


@dataclass(frozen=True, slots=True)
class DayPrice:
    """A store-local day: the prices that were prepared, and the one that was live (money).

    None: the product was not in that list, or there was no list that day. `worked_out`: nothing of
    what was prepared was sent, for the old system still sent the store (CH-11).
    """

    day: date
    base: Decimal | None
    final: Decimal | None
    live: Decimal | None
    worked_out: bool = False


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
            digests = {verified[day] for day in days if day in verified}
            digests |= {prepared[day].digest for day in days if day in prepared}
            lists = [(store_id, digest) for digest in digests]
            lines = {digest: line for (_, digest, _), line in (await pick_lines(session, lists, [code])).items()}
        return PriceHistory(
            product,
            store.name,
            [_day(day, prepared.get(day), lines, lines.get(verified.get(day, ""))) for day in days],
        )


def _day(day: date, made: PreparedOf | None, lines: Mapping[str, Line], live: Line | None) -> DayPrice:
    prepared = None if made is None else lines.get(made.digest)
    shown = prepared or live
    return DayPrice(
        day,
        None if shown is None else shown.price,
        None if prepared is None else prepared.final_price,
        None if live is None else live.final_price,
        worked_out=made is not None and made.worked_out,
    )


async def _prepared(session: AsyncSession, store_id: int) -> dict[date, PreparedOf]:
    """Return the last list that a run prepared for each day; dry runs do not count."""
    rows = await session.execute(
        select(PreparedList.day, PreparedList.digest, Step.counts)
        .join(Execution, Execution.id == PreparedList.execution_id)
        .outerjoin(Step, and_(Step.execution_id == Execution.id, Step.store_id == PreparedList.store_id))
        .where(PreparedList.store_id == store_id, Execution.dry_run.is_(False))
        .order_by(PreparedList.execution_id)
    )
    return {day: PreparedOf(digest, WORKED_OUT in (counts or {})) for day, digest, counts in rows}


async def _verified(session: AsyncSession, store_id: int) -> dict[date, str]:
    rows = await session.execute(
        select(VerifiedList.day, VerifiedList.digest).where(VerifiedList.store_id == store_id).order_by(VerifiedList.id)
    )
    return dict(iter(rows))
