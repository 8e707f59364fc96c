"""Which stores somebody sees: those that are named, and those that have one of some tags at that moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Role
from core.db.prepared import Prepared
from core.errors import BadInput
from core.people.model import Person
from core.stores.model import Store
from core.texts import T

_TAGGED = Prepared(
    select(Store.id, Store.tags).where(
        Store.organisation_id == bindparam("organisation_id"), Store.deleted_at.is_(None)
    )
)
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


def kept_of(
    scope: StoreScope | None, stores: list[Store] | None, within: frozenset[int] | None
) -> tuple[list[int] | None, list[str]]:
    """Return the stores and tags by which `stores_in` is kept for a person.

    Tags go on meaning whatever has them; where whoever hands them on sees not all stores himself, they
    are the stores of this moment.
    """
    if stores is None:
        return None, []
    if scope is None or within is not None:
        return [store.id for store in stores], []
    return [store.id for store in stores if store.id in scope.store_ids], list(scope.tags)


def tagged_stores(connection: Connection, person: Person) -> frozenset[int]:
    """Return the stores that have one of a person's tags now."""
    if not person.store_tags:
        return frozenset()
    found = _TAGGED.rows(connection, organisation_id=person.organisation_id)
    return frozenset(store_id for store_id, tags in found if not set(tags).isdisjoint(person.store_tags))


async def acting(session: AsyncSession, person: Person, source: str, locale: str) -> Actor:
    """Return a person as an actor, with the stores of this moment."""
    connection = await session.connection()
    return person.actor(source, locale, await connection.run_sync(tagged_stores, person))


def _chosen(store: Store, scope: StoreScope | None) -> bool:
    return scope is None or store.id in scope.store_ids or bool(set(scope.tags).intersection(store.tags))
