"""Reading no more than a screen shows: one entity, the entities of one kind, names to choose from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from core.access import Actor
from core.channels.model import Channel
from core.cnpj import format_cnpj
from core.configuration.editing import find_row
from core.configuration.stored import PEOPLE
from core.configuration.wanted import Row, Section
from core.connections.model import Integration
from core.db.base import entity_of, table_of
from core.db.prepared import Prepared, among
from core.entities.reaching import is_removed, seen
from core.jobs.model import Job
from core.organisations.model import Organisation
from core.people.model import Person
from core.stores.model import Store

_KINDS: dict[Section, type[Store | Integration | Channel | Job]] = {
    Section.STORES: Store,
    Section.INTEGRATIONS: Integration,
    Section.CHANNELS: Channel,
    Section.JOBS: Job,
}
_home: BindParameter[int] = bindparam("organisation_id")


def _some(kind: type[Store | Integration | Channel | Job]) -> Prepared:
    columns = table_of(kind).c
    return Prepared(select(*columns).where(columns.organisation_id == _home, among(columns.id)))


_SOME = {section: _some(kind) for section, kind in _KINDS.items()}
_stores, _integrations, _channels = table_of(Store).c, table_of(Integration).c, table_of(Channel).c
_STORES = Prepared(
    select(_stores.id, _stores.name, _stores.tags).where(_stores.organisation_id == _home, _stores.deleted_at.is_(None))
)
_INTEGRATIONS = Prepared(
    select(_integrations.name, _integrations.module).where(
        _integrations.organisation_id == _home, _integrations.deleted_at.is_(None)
    )
)
_CHANNELS = Prepared(select(_channels.name).where(_channels.organisation_id == _home, _channels.deleted_at.is_(None)))


def _entries(kind: type[Store | Integration | Channel | Job]) -> Prepared:
    columns = table_of(kind).c
    wanted = select(columns.id, columns.name, columns.deleted_at.is_not(None).label("removed"))
    return Prepared(wanted.where(columns.organisation_id == _home))


_ENTRIES = {section: _entries(kind) for section, kind in _KINDS.items()}
_WORDS = Prepared(select(_stores.id, _stores.cnpj, _stores.unit, _stores.tags).where(_stores.organisation_id == _home))
"""By what else than its name a store is found."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a form may refer to, each in its order. `modules` says of what kind an integration is."""

    stores: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    modules: dict[str, str] = field(default_factory=dict)


class Entry(NamedTuple):
    """One of a kind, in use or removed: what a list needs to find its place."""

    id: int
    name: str
    removed: bool


def read_row(session: Session, actor: Actor, section: Section, entity_id: int) -> Row:
    """Return an entity, also a removed one. Raises NotFound, also for what is another's."""
    return seen(actor, find_row(read_some(session, actor.organisation_id, section, [entity_id]), entity_id))


def read_some(session: Session, organisation_id: int, section: Section, ids: Sequence[int]) -> list[Row]:
    """Return the entities with these ids, in their order; those that are not there are left out."""
    if section not in _KINDS:
        rows = {row.id: row for row in _unlisted(session, organisation_id, section)}
        return [rows[one] for one in ids if one in rows]
    some = _SOME[section].rows_among(session.connection(), ids, organisation_id=organisation_id)
    found = {row.id: row for row in some}
    return [entity_of(_KINDS[section], found[one]) for one in ids if one in found]


def read_entries(session: Session, organisation_id: int, section: Section) -> list[Entry]:
    """Return the entities of one kind in their order, the removed ones among them."""
    if section not in _KINDS:
        return [Entry(row.id, row.name, is_removed(row)) for row in _unlisted(session, organisation_id, section)]
    found = _ENTRIES[section].rows(session.connection(), organisation_id=organisation_id)
    return sorted(found, key=lambda entry: entry.name)


def read_words(session: Session, organisation_id: int) -> dict[int, list[str]]:
    """Return by what else than its name each store is found: CNPJ as kept and as written, unit code, tags."""
    found = _WORDS.rows(session.connection(), organisation_id=organisation_id)
    return {row.id: [row.cnpj, format_cnpj(row.cnpj), row.unit or "", *row.tags] for row in found}


def _unlisted(session: Session, organisation_id: int, section: Section) -> list[Organisation] | list[Person]:
    if section is Section.ORGANISATION:
        return [session.get_one(Organisation, organisation_id)]
    return list(session.scalars(PEOPLE, {"organisation_id": organisation_id}))


def read_store_names(session: Session, organisation_id: int) -> dict[int, str]:
    """Return the names by id of the stores in use."""
    found = _STORES.rows(session.connection(), organisation_id=organisation_id)
    return {store_id: name for store_id, name, _ in found}


def read_names(session: Session, organisation_id: int, kinds: Collection[Section]) -> Names:
    """Return the names of some kinds that may be chosen in an organisation, sorted; of stores also their tags."""
    connection, home = session.connection(), {"organisation_id": organisation_id}
    stores = _STORES.rows(connection, **home) if Section.STORES in kinds else []
    channels = _CHANNELS.rows(connection, **home) if Section.CHANNELS in kinds else []
    modules = _INTEGRATIONS.rows(connection, **home) if Section.INTEGRATIONS in kinds else []
    return Names(
        sorted(name for _, name, _ in stores),
        sorted({tag for _, _, tags in stores for tag in tags}),
        sorted(name for (name,) in channels),
        dict(sorted((name, module) for name, module in modules)),
    )
