"""Which entities an actor may see and change (`rules.md` 5), and finding them in one organisation."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission
from core.channels.model import Channel
from core.configuration.editing import find_row, live_rows, removed_rows
from core.configuration.stored import (
    Fields,
    Stored,
    connected_fields,
    job_fields,
    load_stored,
    organisation_fields,
    person_fields,
    store_fields,
)
from core.configuration.wanted import Row, Section
from core.connections.model import Integration
from core.connections.waiting import reason_of
from core.entities.differing import Difference, selection
from core.errors import Conflict, Forbidden, NotFound
from core.history.model import Version
from core.history.words import author
from core.jobs.model import Job
from core.organisations.model import Organisation
from core.people.model import Person
from core.stores.model import Store
from core.texts import T, Text

_WRITING = {Section.INTEGRATIONS: Permission.CONFIGURE_ACCESS, Section.USERS: Permission.CONFIGURE_ACCESS}


def require_view(actor: Actor, section: Section) -> None:
    """Let everybody look at stores (each their own), and at all else only who may change it."""
    if section is not Section.STORES:
        require_change(actor, section)


def require_change(actor: Actor, section: Section) -> None:
    """Raise Forbidden unless the actor may change entities of this kind."""
    permission = _WRITING.get(section, Permission.CONFIGURE)
    if not actor.may(permission):
        raise Forbidden(detail=f"{actor.name} lacks {permission} for {section}")


async def reach(
    session: AsyncSession, actor: Actor, section: Section, entity_id: int, *, lock: bool = False
) -> tuple[Stored, Row]:
    """Return the configuration and an entity in use. Raises NotFound, also for what is another's."""
    stored = await load_stored(session, actor.organisation_id, lock=lock)
    return stored, seen(actor, find_row(live_rows(stored, section), entity_id))


def seen(actor: Actor, row: Row) -> Row:
    """Return a row that the actor may see; stores beyond the scope do not exist for the actor."""
    if isinstance(row, Store) and not actor.sees(row.id):
        raise NotFound(T("This is no longer there. Open the list again."))
    return row


def all_rows(stored: Stored, section: Section) -> list[Row]:
    """Return entities in use and removed ones: history speaks of both."""
    return live_rows(stored, section) + removed_rows(stored, section)


def fields_of(row: Row, store_names: Mapping[int, str]) -> Fields:
    """Return what an entity says of itself, in the document's words, without secrets.

    `store_names` are the names by id of the stores in use; only people speak of them.
    """
    match row:
        case Organisation():
            return organisation_fields(row)
        case Store():
            return store_fields(row)
        case Integration() | Channel():
            return connected_fields(row)
        case Job():
            return job_fields(row) | {"stores": selection(row.stores)}
        case Person():
            fields = person_fields(row, store_names)
            return fields | {"stores": "all" if fields["stores"] is None else fields["stores"]}


def trouble_of(row: Row) -> Text | None:
    """Return why an entity that is switched on does not work."""
    match row:
        case Integration() | Channel():
            return reason_of(row)
        case _:
            return None


def is_on(row: Row) -> bool:
    """Tell whether an entity takes part: active stores and people, enabled others."""
    match row:
        case Organisation():
            return row.paused_at is None
        case Store():
            return row.active
        case Person():
            return row.admitted
        case Integration() | Channel() | Job():
            return row.enabled


def is_removed(row: Row) -> bool:
    """Tell whether an entity was removed, and can come back."""
    match row:
        case Organisation():
            return False
        case Person():
            return not row.active
        case _:
            return row.deleted_at is not None


class Outdated(Conflict):
    """Somebody else changed the entity meanwhile: `theirs` is what they changed, `yours` what was to be."""

    def __init__(self, version: Version, theirs: Difference, yours: list[Text]) -> None:
        super().__init__(
            T(
                "{author} changed this on {when}, after you opened it. Look at both, then save again.",
                author=author(version.author),
                when=version.created_at,
            )
        )
        self.version = version.number
        self.theirs = theirs
        self.yours = yours
