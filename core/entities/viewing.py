"""Lists of entities and single ones, as menus and the API show them: never a secret."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core.access import Actor, Permission, UseCase
from core.channels.model import Channel
from core.configuration.stored import Fields
from core.configuration.wanted import Row, Section
from core.configuration.writing import ENTITIES
from core.connections.model import Integration
from core.connections.repository import secret_place
from core.db.database import Database
from core.entities.reaching import fields_of, is_on, is_removed, require_view, trouble_of
from core.entities.reading import Entry, read_entries, read_row, read_some, read_store_names, read_words
from core.forms.words import folded
from core.history.recorder import newest_number
from core.paging import Paging, Slice, cut
from core.people.model import Person
from core.redact import MASK, mask
from core.secrets import SealBroken, SecretBox
from core.texts import Text

_HINTS = 256


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list; `trouble` says why something that is on does not work, `seen_at` when a person wrote last."""

    id: int
    name: str
    on: bool
    fields: Fields
    trouble: Text | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntityView:
    """One entity. `secrets` hints at each stored one by its last characters; `version` is for saving."""

    section: Section
    id: int
    name: str
    on: bool
    version: int
    fields: Fields
    secrets: Mapping[str, str]
    trouble: Text | None = None
    removed: bool = False
    seen_at: datetime | None = None

    @property
    def kind(self) -> str:
        """Return what it is made of: its module, or a job's type; empty for what has neither."""
        return str(self.fields.get("module") or self.fields.get("type") or "")


@dataclass(frozen=True, slots=True)
class Listing(Slice[Item]):
    """One page of a list; `removed` counts those of the kind that were deleted, whatever is searched for."""

    removed: int


class ListEntities(UseCase):
    """List the entities of one kind whose name, number or tag contains what is searched for: all, or one page."""

    permission = Permission.VIEW

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(
        self,
        actor: Actor,
        section: Section,
        *,
        search: str = "",
        paging: Paging | None = None,
        removed: bool = False,
    ) -> Listing:
        require_view(actor, section)

        def load(session: Session) -> Listing:
            entries = _entries(session, actor, section)
            gone = sum(entry.removed for entry in entries)
            listed = [entry for entry in entries if entry.removed == removed] if gone or removed else entries
            found = _found(session, actor, section, listed, folded(search))
            shown = cut(found, paging or Paging(size=max(1, len(found))))
            rows = read_some(session, actor.organisation_id, section, shown.rows)
            names = _store_names(session, actor, section)
            return Listing([_item(row, names) for row in rows], shown.total, shown.page, gone)

        return await self._database.glance(load)


class ShowEntity(UseCase):
    """Show one entity of the actor's organisation."""

    permission = Permission.VIEW

    def __init__(self, database: Database, box: SecretBox) -> None:
        self._database = database
        self._box = box
        self._hint = functools.lru_cache(_HINTS)(self._opened)

    async def __call__(self, actor: Actor, section: Section, entity_id: int) -> EntityView:
        require_view(actor, section)
        return await self._database.glance(lambda session: self.within(session, actor, section, entity_id))

    def within(self, session: Session, actor: Actor, section: Section, entity_id: int) -> EntityView:
        """Read the entity as a part of somebody's unit of work, who has asked whether the actor may look."""
        row = read_row(session, actor, section, entity_id)
        return EntityView(
            section,
            row.id,
            row.name,
            is_on(row),
            newest_number(session, ENTITIES[section], row.id),
            fields_of(row, _store_names(session, actor, section)),
            self._hints(row),
            trouble_of(row),
            removed=is_removed(row),
            seen_at=_seen_at(row),
        )

    def _hints(self, row: Row) -> dict[str, str]:
        if not isinstance(row, Integration | Channel):
            return {}
        return {key: self._hint(row.secrets[key], secret_place(row, key)) for key in sorted(row.secrets)}

    def _opened(self, sealed: str, place: str) -> str:
        """Return what may be shown of a secret. It is remembered by its seal: opening takes long."""
        try:
            return mask(self._box.open(sealed, place))
        except SealBroken:
            return MASK


def _entries(session: Session, actor: Actor, section: Section) -> list[Entry]:
    """Return those of a kind that the actor may see, in their order, the removed ones among them."""
    entries = read_entries(session, actor.organisation_id, section)
    return [entry for entry in entries if actor.sees(entry.id)] if section is Section.STORES else entries


def _found(session: Session, actor: Actor, section: Section, entries: list[Entry], wanted: str) -> list[int]:
    """Return the ids of what fits the search, in their order."""
    if not wanted:
        return [entry.id for entry in entries]
    words = read_words(session, actor.organisation_id) if section is Section.STORES else {}
    texts = ((entry.id, (entry.name, *words.get(entry.id, ()))) for entry in entries)
    return [entity_id for entity_id, of_it in texts if any(wanted in folded(text) for text in of_it)]


def _store_names(session: Session, actor: Actor, section: Section) -> dict[int, str]:
    return read_store_names(session, actor.organisation_id) if section is Section.USERS else {}


def _item(row: Row, names: Mapping[int, str]) -> Item:
    return Item(row.id, row.name, is_on(row), fields_of(row, names), trouble_of(row), _seen_at(row))


def _seen_at(row: Row) -> datetime | None:
    return row.last_seen_at if isinstance(row, Person) else None
