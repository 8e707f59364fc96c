"""Which stores a newcomer shall see: those that have one of some tags, and those that are named."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Role
from core.errors import BadInput
from core.stores.model import Store
from core.texts import T

_STORES_NEEDED = T("Choose at least one store that is still there.")


@dataclass(frozen=True, slots=True)
class StoreScope:
    """A choice of stores; where a scope may be None, that means all stores."""

    tags: tuple[str, ...] = ()
    store_ids: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"tags": list(self.tags), "store_ids": list(self.store_ids)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "StoreScope":
        return cls(tuple(data["tags"]), tuple(data["store_ids"]))


async def stores_in(
    session: AsyncSession, organisation_id: int, role: Role, scope: StoreScope | None, within: frozenset[int] | None
) -> list[Store] | None:
    """Return the stores of a scope that somebody with the scope `within` may hand on, None for all.

    Admins and owners see all stores. Raises BadInput when there is not one.
    """
    if role >= Role.ADMIN or (scope is None and within is None):
        return None
    found = await session.scalars(
        select(Store).where(Store.organisation_id == organisation_id, Store.deleted_at.is_(None)).order_by(Store.name)
    )
    stores = [store for store in found if _chosen(store, scope) and (within is None or store.id in within)]
    if not stores:
        raise BadInput(_STORES_NEEDED)
    return stores


def _chosen(store: Store, scope: StoreScope | None) -> bool:
    return scope is None or store.id in scope.store_ids or bool(set(scope.tags).intersection(store.tags))
