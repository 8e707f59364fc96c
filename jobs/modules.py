"""The modules of this hub, and who lets those of folders in (MO-12, `rules.md` 7.8)."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.clock import Clock
from core.configuration.modules import unusable
from core.db.database import Database
from core.errors import BadInput, Conflict, NotFound
from core.history.recorder import Recorder
from core.modules.model import ApprovedModule
from core.people.confirming import require_confirmation
from core.texts import T, Text
from integrations.entries import Entry, Origin
from integrations.registry import Registry
from jobs.connections import Connections

__all__ = ["ApproveModule", "ListModules", "ModuleRow", "ModuleState", "NameModules", "Origin", "WithdrawModule"]

log = structlog.get_logger(__name__)
_ENTITY = "module"


class ModuleState(StrEnum):
    """How a module stands."""

    READY = "ready"
    NEW = "new"
    CHANGED = "changed"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """A module in a list; `details` tell the problem place by place.

    `digest` is that of its folder now; `approved_by` and `_at` tell of the last approval, and no chain
    learns the name of another one's owner.
    """

    slug: str
    title: str
    version: str
    origin: Origin
    state: ModuleState
    problem: Text | None = None
    about: str = ""
    where: str = ""
    digest: str | None = None
    files: int = 0
    size: int = 0
    approved_by: str | None = None
    approved_at: datetime | None = None
    details: tuple[Text, ...] = ()


class ListModules(UseCase):
    """Every module: built in, from packages, from folders as they are on the server now."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database = database
        self._registry = registry

    async def __call__(self, actor: Actor) -> list[ModuleRow]:
        found = await asyncio.to_thread(self._registry.look_outside)
        self._registry.take_in(found)
        async with self._database.reading() as session:
            rows = {row.slug: row for row in await session.scalars(select(ApprovedModule))}
        now_there = {entry.name: entry for entry in found}
        others = [entry for entry in found if self._registry.entry(entry.name).origin is not Origin.FOLDER]
        seen = [now_there.get(one.name, one) if one.origin is Origin.FOLDER else one for one in self._registry]
        return [self._row(entry, rows.get(entry.name), actor) for entry in (*seen, *others)]

    def _row(self, entry: Entry, approved: ApprovedModule | None, actor: Actor) -> ModuleRow:
        """Tell of a module; of a folder's, what stands there now, which is not what runs if it changed."""
        state, problem = self._state(entry, approved)
        row = ModuleRow(entry.name, entry.name, "", entry.origin, state, problem, details=entry.details)
        if entry.manifest is not None:
            title, about = entry.manifest.title(actor.locale), entry.manifest.about(actor.locale)
            row = replace(row, title=title, about=about, version=entry.manifest.version)
        if entry.snapshot is None:
            return row
        ours = approved is not None and approved.organisation_id == actor.organisation_id
        return replace(
            row,
            where=str(entry.folder),
            digest=entry.snapshot.digest,
            files=len(entry.snapshot.files),
            size=entry.snapshot.size,
            approved_by=approved.approved_by if approved is not None and ours else None,
            approved_at=approved.approved_at if approved is not None else None,
        )

    def _state(self, entry: Entry, approved: ApprovedModule | None) -> tuple[ModuleState, Text | None]:
        if entry.snapshot is not None and self._registry.admitted(entry.name) != entry.snapshot.digest:
            waits = ModuleState.CHANGED if approved is not None else ModuleState.NEW
            return (waits, None) if entry.problem is None else (ModuleState.BROKEN, entry.problem)
        if entry.problem is not None:
            return ModuleState.BROKEN, entry.problem
        try:
            self._registry.module(entry.name)
        except BadInput as error:
            return ModuleState.BROKEN, error.text
        return ModuleState.READY, None


class NameModules(UseCase):
    """What modules call themselves in the actor's language, by the names that documents use."""

    permission = Permission.CONFIGURE

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def __call__(self, actor: Actor) -> dict[str, str]:
        return {one.name: one.manifest.title(actor.locale) for one in self._registry if one.manifest is not None}


class FindModuleTrouble(UseCase):
    """Say why a module cannot be used now: not approved, changed, broken, gone. None if it can."""

    permission = Permission.CONFIGURE

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def __call__(self, actor: Actor, module: str) -> Text | None:
        del actor
        return unusable(self._registry, module)


class ApproveModule(UseCase):
    """Let the module of a folder run, exactly as it was shown. Raises Conflict if it is otherwise by now."""

    permission = Permission.APPROVE_CODE

    def __init__(
        self, database: Database, clock: Clock, recorder: Recorder, registry: Registry, connections: Connections
    ) -> None:
        self._database = database
        self._clock = clock
        self._recorder = recorder
        self._registry = registry
        self._connections = connections

    async def __call__(self, actor: Actor, slug: str, digest: str) -> None:
        entry = await self._found(slug, digest)
        async with self._database.writing() as session:
            await require_confirmation(session, actor)
            before = await session.get(ApprovedModule, slug)
            after = _approval(entry)
            self._recorder.audit(
                session, actor, "approved", _ENTITY, None, before=None if before is None else _told(before), after=after
            )
            if before is not None:
                await session.delete(before)
                await session.flush()
            row = ApprovedModule(
                organisation_id=actor.organisation_id,
                slug=slug,
                digest=digest,
                version=after["version"],
                approved_by=actor.name,
                approved_at=self._clock.now(),
            )
            session.add(row)
        self._registry.admit(entry)
        await self._connections.withdraw(slug)

    async def _found(self, slug: str, digest: str) -> Entry:
        for entry in await asyncio.to_thread(self._registry.look_outside):
            if entry.name == slug and entry.snapshot is not None:
                if entry.snapshot.digest != digest:
                    raise Conflict(T("“{name}” has changed since you looked. Look at it again.", name=slug))
                if entry.problem is not None:
                    raise BadInput(entry.problem)
                return entry
        raise NotFound(T("There is no module folder “{name}” on the server.", name=slug))


class WithdrawModule(UseCase):
    """Let the module of a folder run no longer."""

    permission = Permission.APPROVE_CODE

    def __init__(self, database: Database, recorder: Recorder, registry: Registry, connections: Connections) -> None:
        self._database = database
        self._recorder = recorder
        self._registry = registry
        self._connections = connections

    async def __call__(self, actor: Actor, slug: str) -> None:
        async with self._database.writing() as session:
            await require_confirmation(session, actor)
            row = await session.get(ApprovedModule, slug)
            if row is None:
                raise NotFound(T("“{name}” is not approved.", name=slug))
            self._recorder.audit(session, actor, "withdrawn", _ENTITY, None, before=_told(row))
            await session.delete(row)
        self._registry.dismiss(slug)
        await self._connections.withdraw(slug)


async def admit_approved(database: Database, recorder: Recorder, registry: Registry) -> None:
    """At the start: let in what is as it was approved; tell the audit, once, of what is not."""
    found = await asyncio.to_thread(registry.look_outside)
    registry.take_in(found)
    async with database.writing() as session:
        approved = {row.slug: row for row in await session.scalars(select(ApprovedModule))}
        for entry in found:
            row = approved.get(entry.name)
            if row is None or entry.snapshot is None:
                continue
            if entry.snapshot.digest != row.digest:
                _notice(session, recorder, row, entry)
            elif entry.problem is None:
                registry.admit(entry)


def _notice(session: AsyncSession, recorder: Recorder, row: ApprovedModule, entry: Entry) -> None:
    """Tell the audit of a change that nobody approved, unless it was told already."""
    after = _approval(entry)
    if row.noticed != after["digest"]:
        row.noticed = after["digest"]
        actor = Actor.system(row.organisation_id, "start")
        recorder.audit(session, actor, "changed_outside", _ENTITY, None, before=_told(row), after=after)
        log.warning("module_changed", module=entry.name)


def _approval(entry: Entry) -> dict[str, str]:
    assert entry.manifest is not None and entry.snapshot is not None  # noqa: S101, PT018 - by the callers
    return {"slug": entry.name, "version": entry.manifest.version, "digest": entry.snapshot.digest}


def _told(row: ApprovedModule) -> dict[str, str]:
    return {"slug": row.slug, "version": row.version, "digest": row.digest}
