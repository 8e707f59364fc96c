"""Versions of an entity: listed, compared, rolled back to; and taking the last change back (X-6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.configuration.editing import DOCUMENT, Edited, find_row, removed_rows
from core.configuration.stored import Fields, Stored, load_stored
from core.configuration.wanted import Row, Section
from core.configuration.writing import ENTITIES
from core.db.database import Database
from core.entities.changing import BACK, RESTORED, Changing, find_version
from core.entities.differing import Difference, difference_of, entry_of
from core.entities.reaching import all_rows, reach, require_change
from core.errors import Conflict
from core.history.model import Version
from core.history.recorder import latest_number
from core.paging import Paging, Slice
from core.texts import T, Text


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version; `difference` from the one before it, `author` empty before anything was recorded."""

    number: int
    author: str
    at: datetime
    reason: Text | None
    difference: Difference


@dataclass(frozen=True, slots=True)
class Mark:
    """A change that can be taken back: the entity, and the version that it left."""

    entity_id: int
    version: int


class ShowHistory(UseCase):
    """List the versions of an entity, newest first, also of a deleted one."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor, section: Section, entity_id: int, paging: Paging) -> Slice[VersionLine]:
        require_change(actor, section)
        async with self._database.reading() as session:
            stored = await load_stored(session, actor.organisation_id)
            row = find_row(all_rows(stored, section), entity_id)
            total = await latest_number(session, ENTITIES[section], row.id)
            page = paging.clamp(total)
            newest = total - page.offset
            versions = await _versions(session, actor, section, row.id, newest - page.size, newest)
        return Slice(_lines(versions, stored, newest - page.size), total, page)


class ShowDifference(UseCase):
    """Say what two versions of an entity differ in; without the second, what it differs in from today."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(
        self, actor: Actor, section: Section, entity_id: int, before: int, after: int | None = None
    ) -> Difference:
        require_change(actor, section)
        async with self._database.reading() as session:
            stored = await load_stored(session, actor.organisation_id)
            row = find_row(all_rows(stored, section), entity_id)
            last = after or await latest_number(session, ENTITIES[section], row.id)
            old = await find_version(session, actor, section, row.id, before)
            new = await find_version(session, actor, section, row.id, last)
        return difference_of(old.document, new.document, stored)


class ShowVersion(UseCase):
    """Return what an entity was at a version, in the document's words and without secrets, to begin a form with."""

    permission = Permission.CONFIGURE

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, actor: Actor, section: Section, entity_id: int, number: int) -> Fields:
        require_change(actor, section)
        async with self._database.reading() as session:
            stored, row = await reach(session, actor, section, entity_id)
            version = await find_version(session, actor, section, row.id, number)
            return entry_of(section, version.document, stored)


class RollBack(UseCase):
    """Make an entity what it was at a version, as a new version.

    Today's secrets are kept; where the address changes they are asked for anew: `secrets`.
    """

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, changing: Changing) -> None:
        self._database = database
        self._changing = changing

    async def __call__(
        self,
        actor: Actor,
        section: Section,
        entity_id: int,
        number: int,
        *,
        secrets: Mapping[str, str] | None = None,
    ) -> Edited:
        require_change(actor, section)
        async with self._database.writing() as session:
            stored, row = await reach(session, actor, section, entity_id, lock=True)
            (edited,) = await self._changing.back(session, actor, stored, section, [(row, number)], secrets)
            return edited


class Undo(UseCase):
    """Take changes back, all or none, as long as nothing came after them.

    What was created goes, what was deleted comes back, what was changed is as before.
    """

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, changing: Changing) -> None:
        self._database = database
        self._changing = changing

    async def __call__(self, actor: Actor, section: Section, marks: Sequence[Mark]) -> list[Edited]:
        require_change(actor, section)
        async with self._database.writing() as session:
            stored = await load_stored(session, actor.organisation_id, lock=True)
            changed: list[tuple[Row, int]] = []
            done: list[Edited] = []
            for mark in marks:
                row = find_row(all_rows(stored, section), mark.entity_id)
                if await latest_number(session, ENTITIES[section], row.id) != mark.version:
                    raise Conflict(T("“{name}” was changed again since. Its history has every version.", name=row.name))
                if row in removed_rows(stored, section):
                    done.append(await self._changing.restore(session, actor, stored, section, row))
                elif mark.version == 1:
                    await self._changing.remove(session, actor, stored, section, row)
                    done.append(Edited(section, row.id, row.name, mark.version, []))
                else:
                    changed.append((row, mark.version - 1))
            if changed:
                done += await self._changing.back(session, actor, stored, section, changed)
            return done


def reason_of(comment: str) -> Text | None:
    """Return why a version was made, for its reader; people's own comments as they wrote them."""
    if comment == DOCUMENT:
        return T("configuration document")
    if comment == RESTORED:
        return T("restored")
    if comment.startswith(BACK):
        return T("back to version {number}", number=comment.removeprefix(BACK))
    return T("{comment}", comment=comment) if comment else None


async def _versions(
    session: AsyncSession, actor: Actor, section: Section, entity_id: int, first: int, last: int
) -> list[Version]:
    found = await session.scalars(
        select(Version)
        .where(
            Version.organisation_id == actor.organisation_id,
            Version.entity == ENTITIES[section],
            Version.entity_id == entity_id,
            Version.number.between(first, last),
        )
        .order_by(Version.number.desc())
    )
    return list(found)


def _lines(versions: list[Version], stored: Stored, first: int) -> list[VersionLine]:
    """Return the versions after `first`, each against the one below it."""
    below = {version.number: version.document for version in versions}
    return [
        VersionLine(
            version.number,
            version.author,
            version.created_at,
            reason_of(version.comment),
            difference_of(below[version.number - 1], version.document, stored) if version.number > 1 else Difference(),
        )
        for version in versions
        if version.number > first
    ]
