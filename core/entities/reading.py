"""Reading no more than a screen shows: one entity, the entities of one kind, names to choose from."""

from dataclasses import dataclass

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from core.access import Actor
from core.channels.model import Channel
from core.configuration.editing import find_row
from core.configuration.stored import PEOPLE
from core.configuration.wanted import Row, Section
from core.connections.model import Integration
from core.db.base import entity_of, table_of
from core.db.prepared import Prepared
from core.entities.reaching import is_removed, seen
from core.jobs.model import Job
from core.organisations.model import Organisation
from core.stores.model import Store

_KINDS: dict[Section, type[Store | Integration | Channel | Job]] = {
    Section.STORES: Store,
    Section.INTEGRATIONS: Integration,
    Section.CHANNELS: Channel,
    Section.JOBS: Job,
}
_home: BindParameter[int] = bindparam("organisation_id")
_ALL = {
    section: Prepared(select(*table_of(kind).c).where(table_of(kind).c.organisation_id == _home))
    for section, kind in _KINDS.items()
}
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


@dataclass(frozen=True, slots=True)
class Names:
    """What a form may refer to, each in its order. `modules` says of what kind an integration is."""

    stores: list[str]
    tags: list[str]
    channels: list[str]
    modules: dict[str, str]


def read_row(session: Session, actor: Actor, section: Section, entity_id: int) -> Row:
    """Return an entity, also a removed one. Raises NotFound, also for what is another's."""
    return seen(actor, find_row(_of_kind(session, actor.organisation_id, section), entity_id))


def read_rows(session: Session, organisation_id: int, section: Section, *, removed: bool) -> list[Row]:
    """Return the entities of one kind in their order: those in use, or the removed ones."""
    return [row for row in _of_kind(session, organisation_id, section) if is_removed(row) is removed]


def _of_kind(session: Session, organisation_id: int, section: Section) -> list[Row]:
    home = {"organisation_id": organisation_id}
    match section:
        case Section.ORGANISATION:
            return [session.get_one(Organisation, organisation_id)]
        case Section.USERS:
            return list(session.scalars(PEOPLE, home))
        case _:
            found = _ALL[section].rows(session.connection(), **home)
            return sorted((entity_of(_KINDS[section], row) for row in found), key=lambda row: row.name)


def read_store_names(session: Session, organisation_id: int) -> dict[int, str]:
    """Return the names by id of the stores in use."""
    found = _STORES.rows(session.connection(), organisation_id=organisation_id)
    return {store_id: name for store_id, name, _ in found}


def read_names(session: Session, organisation_id: int) -> Names:
    """Return the names that may be chosen in an organisation, sorted."""
    connection, home = session.connection(), {"organisation_id": organisation_id}
    stores, channels = _STORES.rows(connection, **home), _CHANNELS.rows(connection, **home)
    return Names(
        sorted(name for _, name, _ in stores),
        sorted({tag for _, _, tags in stores for tag in tags}),
        sorted(name for (name,) in channels),
        dict(sorted((name, module) for name, module in _INTEGRATIONS.rows(connection, **home))),
    )
