"""The brake for some stores: nothing is sent to them until somebody resumes (CH-21).

A tag stands for the stores that have it at that moment. What is live stays live until its end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.db.database import Database
from core.errors import BadInput, NotFound
from core.history.recorder import Recorder
from core.lookup.words import folded
from core.organisations.model import Organisation
from core.organisations.usecases import PauseSending, ResumeSending
from core.stores.model import Store
from core.texts import T


class ScopeReach(StrEnum):
    """What a brake is put on."""

    CHAIN = "chain"
    TAG = "tag"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class Scope:
    """Something to pause: `stores` of the actor's are in it, `paused` of them are paused already."""

    reach: ScopeReach
    name: str
    stores: int
    paused: int


class ListScopes(UseCase):
    """What the actor may pause: the chain (who has all stores), tags, stores; `words` narrow by name."""

    permission = Permission.PAUSE

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor, words: str = "") -> list[Scope]:
        async with self._database.reading() as session:
            stores = await _stores(session, actor)
            organisation = await session.get_one(Organisation, actor.organisation_id)
        everything = organisation.paused_at is not None
        chain = (
            [] if actor.store_ids is not None else [Scope(ScopeReach.CHAIN, "", len(stores), len(stores) * everything)]
        )
        tags = sorted({tag for store in stores for tag in store.tags})
        scopes = [
            *chain,
            *(_scope(ScopeReach.TAG, tag, [store for store in stores if tag in store.tags]) for tag in tags),
            *(_scope(ScopeReach.STORE, store.name, [store]) for store in stores),
        ]
        return [one for one in scopes if folded(words) in folded(one.name)]


class PauseScope(UseCase):
    """Pause or resume sending for the chain, a tag or a store. Returns how many stores that changed."""

    permission = Permission.PAUSE

    def __init__(
        self, database: Database, clock: Clock, recorder: Recorder, pause: PauseSending, resume: ResumeSending
    ) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder
        self._pause = pause
        self._resume = resume

    async def __call__(self, actor: Actor, reach: ScopeReach, name: str, *, paused: bool) -> int:
        if reach is ScopeReach.CHAIN:
            changed = await (self._pause if paused else self._resume)(actor)
            return int(changed)
        async with self._database.writing() as session:
            stores = [one for one in await _stores(session, actor) if _is_in(one, reach, name)]
            if not stores:
                raise NotFound(T("There is no store or tag “{name}” among yours.", name=name))
            changing = [store for store in stores if (store.paused_at is not None) != paused]
            for store in changing:
                store.paused_at, store.paused_by = (self._clock.now(), actor.name) if paused else (None, None)
                self._recorder.audit(session, actor, "paused" if paused else "resumed", "store", store.id)
            return len(changing)


class PauseNamed(UseCase):
    """Pause or resume what somebody typed: nothing is the chain, else a tag, a store, or the beginning of its name.

    Returns the scope as it was before.
    """

    permission = Permission.PAUSE

    def __init__(self, list_scopes: ListScopes, pause_scope: PauseScope) -> None:
        self._list_scopes = list_scopes
        self._pause_scope = pause_scope

    async def __call__(self, actor: Actor, words: str, *, paused: bool) -> Scope:
        wanted = folded(words)
        if not wanted:
            changed = await self._pause_scope(actor, ScopeReach.CHAIN, "", paused=paused)
            return Scope(ScopeReach.CHAIN, "", 1, int(bool(changed) != paused))
        scopes = [one for one in await self._list_scopes(actor) if one.reach is not ScopeReach.CHAIN]
        exact = [one for one in scopes if folded(one.name) == wanted]
        found = exact or [one for one in scopes if folded(one.name).startswith(wanted)]
        if not found:
            raise NotFound(T("There is no store or tag “{name}” among yours.", name=words))
        if len(found) > 1:
            names = [one.name for one in found[:10]]
            raise BadInput(T("“{word}” could mean several: {names}. Write more of the name.", word=words, names=names))
        await self._pause_scope(actor, found[0].reach, found[0].name, paused=paused)
        return found[0]


def _is_in(store: Store, reach: ScopeReach, name: str) -> bool:
    return name in store.tags if reach is ScopeReach.TAG else name == store.name


def _scope(reach: ScopeReach, name: str, stores: Sequence[Store]) -> Scope:
    return Scope(reach, name, len(stores), sum(store.paused_at is not None for store in stores))


async def _stores(session: AsyncSession, actor: Actor) -> list[Store]:
    ours = select(Store).where(Store.organisation_id == actor.organisation_id, Store.deleted_at.is_(None), Store.active)
    return [store for store in await session.scalars(ours.order_by(Store.name)) if actor.sees(store.id)]
