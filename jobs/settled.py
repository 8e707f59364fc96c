"""Which stores need nobody on a day: what is live there is proven, or there is nothing to send."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.catalogue.model import VerifiedList
from core.executions.model import Step
from core.executions.states import IN_DOUBT, Outcome

_TELLING = (Outcome.VERIFIED, Outcome.ALREADY_LIVE, Outcome.NOT_VERIFIED, Outcome.NOTHING_TO_SEND)
"""What says something of what is live; a store that was held since has live what it had before, as a rule."""


async def settled_stores(session: AsyncSession, store_ids: Collection[int], day: date) -> set[int]:
    """Return the stores whose campaign of the day was verified, and not put in doubt by a later send."""
    wanted = (VerifiedList.store_id.in_(store_ids), VerifiedList.day == day)
    verified = await session.scalars(select(VerifiedList.store_id).where(*wanted))
    steps = await session.execute(
        select(Step.store_id, Step.outcome, Step.counts)
        .where(Step.store_id.in_(store_ids), Step.day == day, Step.outcome.in_((*_TELLING, Outcome.HELD)))
        .order_by(Step.execution_id)
    )
    last = {row.store_id: row for row in steps if row.outcome != Outcome.HELD or IN_DOUBT in row.counts}
    in_doubt = {row.store_id for row in last.values() if row.outcome in (Outcome.NOT_VERIFIED, Outcome.HELD)}
    return {*verified, *last} - in_doubt
