"""Everything about one run that does not fit on its card: stores with reasons, held lines."""

import itertools
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from core.access import Actor, Permission, UseCase
from core.catalogue.model import Hold
from core.db.database import Database
from core.executions.held import IN_WAIT, HeldProduct, held_product
from core.executions.views import RunView, ShowRun

_FEWEST = 2
"""So many held products of a store are shown, however many stores there are."""


@dataclass(frozen=True, slots=True)
class RunDetails:
    """A run as the actor may see it, with the products held in it (some of them, if many)."""

    run: RunView
    held: list[HeldProduct]
    held_count: Counter[int]


class ShowDetails(UseCase):
    """One run with what is held in it; about `limit` held products, of every store alike."""

    permission = Permission.VIEW

    def __init__(self, database: Database, show_run: ShowRun) -> None:
        self._database = database
        self._show_run = show_run

    async def __call__(self, actor: Actor, execution_id: int, *, limit: int = 60) -> RunDetails:
        run = await self._show_run(actor, execution_id)
        wanted = select(Hold).where(Hold.execution_id == run.id, *IN_WAIT)
        wanted = wanted.order_by(Hold.store_id, Hold.id)
        async with self._database.reading() as session:
            holds = [hold for hold in await session.scalars(wanted) if actor.sees(hold.store_id)]
        count = Counter(hold.store_id for hold in holds)
        share = max(_FEWEST, limit // max(1, len(count)))
        shown = itertools.chain.from_iterable(
            itertools.islice(group, share) for _, group in itertools.groupby(holds, lambda hold: hold.store_id)
        )
        return RunDetails(run, [held_product(hold) for hold in shown], count)
