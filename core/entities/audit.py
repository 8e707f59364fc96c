"""Searching the audit (X-7): who did what, when, from where, before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from core.access import Actor, Permission, UseCase
from core.configuration.stored import Stored, load_stored
from core.configuration.wanted import Section
from core.configuration.writing import ENTITIES
from core.db.database import Database
from core.entities.differing import Difference, difference_of
from core.entities.reaching import all_rows
from core.history.model import AuditEntry
from core.paging import Paging, Slice


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; what is left None does not matter. Neither `until` nor `before` itself is included."""

    person_id: int | None = None
    entity: str | None = None
    entity_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: "AuditLine | None" = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One thing that was done. `name` is what the entity is called today, where it is known."""

    id: int
    at: datetime
    actor: str
    source: str
    action: str
    entity: str
    entity_id: int | None
    name: str | None
    difference: Difference


class SearchAudit(UseCase):
    """Find audit entries of the actor's organisation, newest first."""

    permission = Permission.CONFIGURE_ACCESS

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor, query: Query, paging: Paging) -> Slice[AuditLine]:
        wanted = _conditions(actor, query)
        async with self._database.reading() as session:
            total = await session.scalar(select(func.count(AuditEntry.id)).where(*wanted)) or 0
            page = paging.clamp(total)
            found = await session.scalars(
                select(AuditEntry)
                .where(*wanted)
                .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
                .limit(page.size)
                .offset(page.offset)
            )
            stored = await load_stored(session, actor.organisation_id)
            names = _names(stored)
            lines = [_line(entry, _name(entry, names), stored) for entry in found]
        return Slice(lines, total, page)


def _conditions(actor: Actor, query: Query) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [AuditEntry.organisation_id == actor.organisation_id]
    if query.person_id is not None:
        wanted.append(AuditEntry.person_id == query.person_id)
    if query.entity is not None:
        wanted.append(AuditEntry.entity == query.entity)
    if query.entity_id is not None:
        wanted.append(AuditEntry.entity_id == query.entity_id)
    if query.since is not None:
        wanted.append(AuditEntry.at >= query.since)
    if query.until is not None:
        wanted.append(AuditEntry.at < query.until)
    if query.before is not None:
        at, number = query.before.at, query.before.id
        wanted.append(or_(AuditEntry.at < at, and_(AuditEntry.at == at, AuditEntry.id < number)))
    return wanted


def _names(stored: Stored) -> dict[tuple[str, int], str]:
    return {(ENTITIES[section], row.id): row.name for section in Section for row in all_rows(stored, section)}


def _name(entry: AuditEntry, names: Mapping[tuple[str, int], str]) -> str | None:
    """Return what the entity is called: what was held by its store, and its code where that was one product."""
    held = entry.after or {}
    if entry.entity == "hold" and (store := names.get(("store", held.get("store_id") or 0))):
        return f"{store} · {held['code']}" if held.get("code") else store
    return names.get((entry.entity, entry.entity_id or 0))


def _line(entry: AuditEntry, name: str | None, stored: Stored) -> AuditLine:
    known = entry.before and entry.after
    difference = difference_of(entry.before or {}, entry.after or {}, stored) if known else Difference()
    did = (entry.actor, entry.source, entry.action, entry.entity, entry.entity_id)
    return AuditLine(entry.id, entry.at, *did, name, difference)
