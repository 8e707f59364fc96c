"""Stores that the old system still sends: nothing is sent to them, whoever asks for it (CH-11)."""

from collections.abc import Collection

from sqlalchemy import not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Conflict
from core.executions.replacing import some
from core.stores.model import Store
from core.texts import T


async def sent_by_others(session: AsyncSession, store_ids: Collection[int]) -> dict[int, str]:
    """Return which of the stores the old system still sends, with their names."""
    found = await session.execute(
        select(Store.id, Store.name).where(Store.id.in_(store_ids), not_(Store.cut_over)).order_by(Store.name)
    )
    return dict(iter(found))


def not_cut_over(names: Collection[str]) -> Conflict:
    """Return the refusal to send to these stores, with the way to mend it."""
    return Conflict(
        T(
            "The old system still sends {stores}. An admin who switches on “Chimera sends” in the store's settings "
            "makes this possible.",
            stores=some(list(names)),
        )
    )
