"""Taking away, bringing back and rolling back, inside the caller's transaction."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Role
from core.channels.model import Channel
from core.configuration.editing import Edit, Edited, Editor
from core.configuration.stored import Stored
from core.configuration.wanted import Row, Section
from core.configuration.writing import ENTITIES
from core.connections.model import Integration
from core.entities.differing import entry_of
from core.entities.reaching import fields_of
from core.errors import Conflict, Forbidden, NotFound
from core.history.model import Version
from core.history.recorder import latest_number
from core.organisations.model import Organisation
from core.people.confirming import require_confirmation
from core.people.model import Person
from core.texts import T

BACK = "back to version "
RESTORED = "restored"


class Changing:
    """The steps that more than one use case takes."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    async def remove(self, session: AsyncSession, actor: Actor, stored: Stored, section: Section, row: Row) -> None:
        """Hide an entity; what it could open the outside with is forgotten. Raises Conflict while it is in use."""
        match row:
            case Organisation():
                raise Conflict(T("An organisation is not deleted here."))
            case Person():
                await _check_person(session, actor, stored, row)
            case Integration() | Channel():
                refuse_in_use(row, stored)
        await self._editor.writer(session, actor, "").remove(section, row)

    async def restore(self, session: AsyncSession, actor: Actor, stored: Stored, section: Section, row: Row) -> Edited:
        """Bring a removed entity back as it was; one whose secrets are forgotten comes back switched off."""
        number = await latest_number(session, ENTITIES[section], row.id)
        document = (await find_version(session, actor, section, row.id, number)).document if number else None
        if isinstance(row, Integration | Channel) and (document or {}).get("secrets"):
            return await self._restore_without_secrets(session, actor, section, row)
        names = {store.id: store.name for store in stored.stores.live.values()}
        fields = entry_of(section, document, stored) if document else fields_of(row, names)
        edit = Edit(None, fields | {"name": row.name})
        (edited,) = await self._editor.edit(session, actor, stored, section, [edit], whole=True, comment=RESTORED)
        return edited

    async def _restore_without_secrets(
        self, session: AsyncSession, actor: Actor, section: Section, row: Integration | Channel
    ) -> Edited:
        version = await self._editor.writer(session, actor, RESTORED).restore(section, row)
        return Edited(section, row.id, row.name, version, [])

    async def back(
        self,
        session: AsyncSession,
        actor: Actor,
        stored: Stored,
        section: Section,
        targets: Sequence[tuple[Row, int]],
        secrets: Mapping[str, str] | None = None,
    ) -> list[Edited]:
        """Make entities what they were at a version; today's secrets stay, unless the address changes."""
        edits = []
        for row, number in targets:
            version = await find_version(session, actor, section, row.id, number)
            entry = entry_of(section, version.document, stored)
            if secrets:
                entry = entry | {"settings": entry["settings"] | secrets}
            edits.append(Edit(row, entry))
        comment = f"{BACK}{targets[0][1]}"
        return await self._editor.edit(session, actor, stored, section, edits, whole=True, comment=comment)


async def find_version(session: AsyncSession, actor: Actor, section: Section, entity_id: int, number: int) -> Version:
    """Return one version of an entity of the actor's organisation. Raises NotFound."""
    found: Version | None = await session.scalar(
        select(Version).where(
            Version.organisation_id == actor.organisation_id,
            Version.entity == ENTITIES[section],
            Version.entity_id == entity_id,
            Version.number == number,
        )
    )
    if found is None:
        raise NotFound(T("There is no version {number} of this.", number=number))
    return found


def refuse_in_use(row: Integration | Channel, stored: Stored) -> None:
    """Raise Conflict when jobs name it."""
    if users := users_of(row, stored):
        raise Conflict(T("“{name}” is used by {jobs}. Change or delete that first.", name=row.name, jobs=users))


def users_of(row: Row, stored: Stored) -> list[str]:
    """Return the names of the jobs that name an integration, a channel or a store."""
    key = {Integration: _integrations, Channel: _channels}.get(type(row), _stores)
    return [job.name for job in stored.jobs.live.values() if row.name in key(job)]


def _integrations(job: Row) -> set[str]:
    settings = getattr(job, "settings", {})
    return {str(settings.get("source")), str(settings.get("target"))}


def _channels(job: Row) -> set[str]:
    return {str(rule["channel"]) for rule in getattr(job, "notify", [])}


def _stores(job: Row) -> set[str]:
    return set(getattr(job, "stores", {}).get("names", ()))


async def _check_person(session: AsyncSession, actor: Actor, stored: Stored, person: Person) -> None:
    if person.id == actor.person_id:
        raise Conflict(T("You cannot take away your own access. Ask another admin."))
    if Role.named(person.role) > actor.role:
        raise Forbidden(T("{name} has a higher role than you.", name=person.name))
    if person.role == Role.OWNER.key:
        others = [one for one in stored.people.values() if one.admitted and one is not person]
        if not any(one.role == Role.OWNER.key for one in others):
            raise Conflict(T("{name} is the last owner. Name another owner first.", name=person.name))
        await require_confirmation(session, actor)
