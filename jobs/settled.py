"""Which stores need nobody on a day: what is live there is proven, or there is nothing to send."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.catalogue.model import VerifiedList
from core.catalogue.places import account_at, is_of_store
from core.connections.model import Integration
from core.executions.model import Step
from core.executions.states import IN_DOUBT, Outcome
from core.jobs.model import Job
from core.stores.model import Store

_TELLING = (Outcome.VERIFIED, Outcome.ALREADY_LIVE, Outcome.NOT_VERIFIED, Outcome.NOTHING_TO_SEND)
"""What says something of what is live; a store that was held since has live what it had before, as a rule."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The stores that need nobody: `live` carry a campaign, `empty` none, as a person cleared or released them so."""

    live: set[int]
    empty: set[int]

    def __contains__(self, store_id: int) -> bool:
        return store_id in self.live or store_id in self.empty


async def settled_stores(session: AsyncSession, job: Job, store_ids: Collection[int], day: date) -> Settled:
    """Return the stores whose campaign of the day was verified where a job sends it, and not put in doubt since.

    What was verified at another platform, in another account, or for another number of the store, is not live there.
    """
    verified = await _verified(session, job, store_ids, day)
    steps = await session.execute(
        select(Step.store_id, Step.outcome, Step.counts)
        .where(Step.store_id.in_(store_ids), Step.day == day, Step.outcome.in_((*_TELLING, Outcome.HELD)))
        .order_by(Step.execution_id)
    )
    last = {row.store_id: row for row in steps if row.outcome != Outcome.HELD or IN_DOUBT in row.counts}
    in_doubt = {row.store_id for row in last.values() if row.outcome in (Outcome.NOT_VERIFIED, Outcome.HELD)}
    live = {store_id for store_id, lines in verified.items() if lines}
    empty = {row.store_id for row in last.values() if row.outcome == Outcome.NOTHING_TO_SEND} | verified.keys()
    return Settled(live - in_doubt, empty - live - in_doubt)


async def _verified(session: AsyncSession, job: Job, store_ids: Collection[int], day: date) -> dict[int, int]:
    """Return how many lines the last verified list of the day has, by store."""
    target = select(Integration.id).where(
        Integration.organisation_id == job.organisation_id,
        Integration.name == job.settings.get("target"),
        Integration.deleted_at.is_(None),
    )
    account = await session.run_sync(account_at, await session.scalar(target))
    rows = await session.execute(
        select(VerifiedList.store_id, VerifiedList.count)
        .join(Store, Store.id == VerifiedList.store_id)
        .where(
            VerifiedList.store_id.in_(store_ids),
            VerifiedList.day == day,
            or_(VerifiedList.account.is_(None), VerifiedList.account == account),
            is_of_store(VerifiedList.registration, VerifiedList.unit),
        )
        .order_by(VerifiedList.id)
    )
    return {store_id: lines for store_id, lines in rows}  # noqa: C416 - rows are no pairs to mypy
