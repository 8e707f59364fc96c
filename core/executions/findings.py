"""What one run came to at one store, product by product: for details, reports and questions."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.catalogue.compare import Difference
from core.catalogue.findings import load_finding
from core.catalogue.lines import Line, LiveLine, Reject
from core.catalogue.model import FetchedProduct, LineList, PreparedList, VerifiedList
from core.catalogue.rails import HeldLine
from core.catalogue.sets import load_lines
from core.db.database import Database
from core.executions.views import RunView, ShowRun, StoreView


class ProductName(NamedTuple):
    """What a product is called, by the store's newest scan."""

    name: str
    ean: str


@dataclass(frozen=True, slots=True)
class StoreFindings:
    """Everything about one store in one run.

    `lines` are those that were prepared, sent or not (a comparison prepares none); they are
    live as proven when `verified_at` is set. `before` and `after` compare them with what the
    platform showed before and after sending, `live` are the platform's lines of other codes.
    `names` know the products that the newest scan found discounted.
    """

    store: StoreView
    scanned_at: datetime | None
    verified_at: datetime | None
    lines: list[Line]
    held: list[HeldLine]
    rejects: dict[Reject, list[str]]
    before: Difference | None
    after: Difference | None
    live: dict[str, LiveLine]
    names: dict[str, ProductName]

    @property
    def difference(self) -> Difference | None:
        """What the last look at the platform showed."""
        return self.after or self.before


class ShowFindings(UseCase):
    """What a run found at one store that the actor may see; None for a store not in the run."""

    permission = Permission.VIEW

    def __init__(self, database: Database, show_run: ShowRun) -> None:
        self._database = database
        self._show_run = show_run

    async def __call__(self, actor: Actor, execution_id: int, store_id: int) -> StoreFindings | None:
        run = await self._show_run(actor, execution_id)
        store = next((one for one in run.stores if one.store_id == store_id), None)
        if store is None:
            return None
        async with self._database.reading() as session:
            return await load_findings(session, execution_id, store)


class ReadFindings(UseCase):
    """A whole run, store by store in the job's order: one store at a time is in memory."""

    permission = Permission.VIEW

    def __init__(self, database: Database, show_run: ShowRun) -> None:
        self._database = database
        self._show_run = show_run

    async def __call__(self, actor: Actor, execution_id: int) -> tuple[RunView, AsyncIterator[StoreFindings]]:
        run = await self._show_run(actor, execution_id)
        return run, self._stores(run)

    async def _stores(self, run: RunView) -> AsyncIterator[StoreFindings]:
        for store in run.stores:
            async with self._database.reading() as session:
                found = await load_findings(session, run.id, store)
            yield found


async def load_findings(session: AsyncSession, execution_id: int, store: StoreView) -> StoreFindings:
    """Read what a run found at one of its stores."""
    scan, seen = await session.run_sync(load_finding, execution_id, store.store_id)
    prepared = await session.get(PreparedList, (execution_id, store.store_id))
    verified_at = await session.scalar(
        select(VerifiedList.verified_at)
        .where(VerifiedList.execution_id == execution_id, VerifiedList.store_id == store.store_id)
        .order_by(VerifiedList.id.desc())
        .limit(1)
    )
    return StoreFindings(
        store=store,
        scanned_at=None if prepared is None else prepared.scanned_at,
        verified_at=verified_at,
        lines=await _lines(session, prepared),
        held=scan.held,
        rejects=scan.rejects,
        before=seen.before,
        after=seen.after,
        live={line.code: line for line in seen.live},
        names=await _names(session, store.store_id),
    )


async def _lines(session: AsyncSession, prepared: PreparedList | None) -> list[Line]:
    """Return the prepared lines; old lists are cleaned up before the runs that prepared them."""
    if prepared is None or await session.get(LineList, (prepared.store_id, prepared.digest)) is None:
        return []
    return await session.run_sync(load_lines, prepared.store_id, prepared.digest)


async def _names(session: AsyncSession, store_id: int) -> dict[str, ProductName]:
    wanted = select(FetchedProduct.code, FetchedProduct.name, FetchedProduct.ean)
    rows = await session.execute(wanted.where(FetchedProduct.store_id == store_id))
    return {code: ProductName(name, ean) for code, name, ean in rows}
