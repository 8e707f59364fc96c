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
from core.entities.reading import read_entries, read_row, read_some, read_store_names, read_words
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
    ) -> Slice[Item]:
        require_view(actor, section)

        def load(session: Session) -> Slice[Item]:
            found = self._found(session, actor, section, folded(search), removed=removed)
            shown = cut(found, paging or Paging(size=max(1, len(found))))
            rows = read_some(session, actor.organisation_id, section, shown.rows)
            names = _store_names(session, actor, section)
            return Slice([_item(row, names) for row in rows], shown.total, shown.page)

        return await self._database.glance(load)

    def _found(self, session: Session, actor: Actor, section: Section, wanted: str, *, removed: bool) -> list[int]:
        """Return the ids of what fits the search, in their order."""
        entries = read_entries(session, actor.organisation_id, section, removed=removed)
        if section is Section.STORES:
            entries = [entry for entry in entries if actor.sees(entry[0])]
        if not wanted:
            return [entity_id for entity_id, _ in entries]
        words = read_words(session, actor.organisation_id) if section is Section.STORES else {}
        return [one for one, name in entries if any(wanted in folded(text) for text in (name, *words.get(one, ())))]


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


def _store_names(session: Session, actor: Actor, section: Section) -> dict[int, str]:
    return read_store_names(session, actor.organisation_id) if section is Section.USERS else {}


def _item(row: Row, names: Mapping[int, str]) -> Item:
    return Item(row.id, row.name, is_on(row), fields_of(row, names), trouble_of(row), _seen_at(row))


def _seen_at(row: Row) -> datetime | None:
    return row.last_seen_at if isinstance(row, Person) else None
