"""What became of a run's stores since: a button on an old card must not redo what is done (X-9)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Conflict
from core.executions.model import Execution, Step
from core.executions.states import Outcome
from core.texts import T

_UNTOUCHED = (Outcome.CANCELLED, Outcome.SKIPPED)


@dataclass(frozen=True, slots=True)
class Since:
    """The newest run that has ended since another one, and what each store came to last."""

    run_id: int
    finished_at: datetime
    outcomes: dict[int, Outcome]

    def left(self, store_ids: Collection[int], *, dry_run: bool = False) -> list[int]:
        """Return the stores that are still not good."""
        seen = self.outcomes
        return [one for one in store_ids if one not in seen or not seen[one].well(dry_run=dry_run)]


class NewerRun(Conflict):
    """A newer run has ended since: a person confirms first what is still to be done.

    Of `total` stores `left` are still not good; `run_id` is the newest run the person is told of.
    """

    def __init__(self, since: Since, total: int, left: int) -> None:
        super().__init__(T("A newer run has finished since, at {at}. Confirm it first.", at=since.finished_at))
        self.run_id = since.run_id
        self.finished_at = since.finished_at
        self.total = total
        self.left = left


async def since_run(
    session: AsyncSession, source: Execution, store_ids: Collection[int], *types: str, dry_run: bool | None = None
) -> Since | None:
    """Return what ended after a run for some of its stores, in runs of these types; None for nothing.

    Dry runs are held against dry ones, real ones against real ones, unless `dry_run` says which.

    A run that never came to a store says nothing about it.
    """
    dry = source.dry_run if dry_run is None else dry_run
    found = await session.execute(
        select(Execution.id, Execution.finished_at, Step.store_id, Step.outcome)
        .join(Step, Step.execution_id == Execution.id)
        .where(
            Execution.organisation_id == source.organisation_id,
            Execution.id > source.id,
            Execution.type.in_(types),
            Execution.dry_run == dry,
            Step.store_id.in_(store_ids),
        )
        .order_by(Execution.id)
    )
    newest: tuple[int, datetime] | None = None
    outcomes: dict[int, Outcome] = {}
    for run_id, finished_at, store_id, outcome in found:
        if finished_at and outcome and (dry or outcome not in _UNTOUCHED):
            newest = (run_id, finished_at)
            outcomes[store_id] = Outcome(outcome)
    return None if newest is None else Since(*newest, outcomes)
