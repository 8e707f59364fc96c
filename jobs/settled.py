"""Which stores need nobody on a day: what is live there is proven, or there is nothing to send."""

from collections.abc import Collection
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


async def settled_stores(session: AsyncSession, job: Job, store_ids: Collection[int], day: date) -> set[int]:
    """Return the stores whose campaign of the day was verified where a job sends it, and not put in doubt since.

    What was verified at another platform, in another account, or for another number of the store, is not live there.
    """
    target = select(Integration.id).where(
        Integration.organisation_id == job.organisation_id,
        Integration.name == job.settings.get("target"),
        Integration.deleted_at.is_(None),
    )
    account = await session.run_sync(account_at, await session.scalar(target))
    verified = await session.scalars(
        select(VerifiedList.store_id)
        .join(Store, Store.id == VerifiedList.store_id)
        .where(
            VerifiedList.store_id.in_(store_ids),
            VerifiedList.day == day,
            or_(VerifiedList.account.is_(None), VerifiedList.account == account),
            is_of_store(VerifiedList.registration, VerifiedList.unit),
        )
    )
    steps = await session.execute(
        select(Step.store_id, Step.outcome, Step.counts)
        .where(Step.store_id.in_(store_ids), Step.day == day, Step.outcome.in_((*_TELLING, Outcome.HELD)))
        .order_by(Step.execution_id)
    )
    last = {row.store_id: row for row in steps if row.outcome != Outcome.HELD or IN_DOUBT in row.counts}
    empty = {row.store_id for row in last.values() if row.outcome == Outcome.NOTHING_TO_SEND}
    in_doubt = {row.store_id for row in last.values() if row.outcome in (Outcome.NOT_VERIFIED, Outcome.HELD)}
    return {*verified, *empty} - in_doubt
