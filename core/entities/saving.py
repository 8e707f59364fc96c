"""Saving one entity, new or known; on top of what somebody else saved meanwhile only knowingly."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.configuration.editing import Edit, Edited, Editor, find_row, live_rows
from core.configuration.stored import Fields, Stored, load_stored
from core.configuration.wanted import Row, Section
from core.configuration.writing import ENTITIES
from core.db.database import Database
from core.entities.differing import difference_of
from core.entities.reaching import Outdated, require_change, seen
from core.errors import Conflict
from core.history.model import Version
from core.history.recorder import latest_number
from core.organisations.model import Organisation
from core.texts import T


class SaveEntity(UseCase):
    """Save one entity, or only say what that would change (`dry_run`).

    `fields` are in the document's words; what they leave out is kept, unless they are `whole`:
    then it goes back to its default (secrets are kept even so). `expected` is the version the
    change was made on. Raises BadFields, Outdated, ConfirmationNeeded.

    A chain's settings that are saved as they are make a version too: somebody says that they are right.
    """

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, editor: Editor) -> None:
        self._database = database
        self._editor = editor

    async def __call__(
        self,
        actor: Actor,
        section: Section,
        entity_id: int | None,
        fields: Fields,
        *,
        expected: int | None = None,
        whole: bool = False,
        comment: str = "",
        dry_run: bool = False,
    ) -> Edited:
        require_change(actor, section)
        try:
            async with self._database.reading() if dry_run else self._database.writing() as session:
                stored = await load_stored(session, actor.organisation_id, lock=not dry_run)
                row = None
                if entity_id is not None:
                    row = seen(actor, find_row(live_rows(stored, section), entity_id))
                    await self._check(session, actor, stored, row, section, fields, expected, whole=whole)
                (edited,) = await self._editor.edit(
                    session,
                    actor,
                    stored,
                    section,
                    [Edit(row, fields)],
                    whole=whole,
                    comment=comment,
                    dry_run=dry_run,
                )
                if isinstance(row, Organisation) and not (edited.changes or dry_run):
                    return replace(edited, version=await self._editor.keep(session, actor, section, row, comment))
                return edited
        except IntegrityError:
            raise Conflict(T("Somebody changed the configuration at the same moment. Save it again.")) from None

    async def _check(
        self,
        session: AsyncSession,
        actor: Actor,
        stored: Stored,
        row: Row,
        section: Section,
        fields: Fields,
        expected: int | None,
        *,
        whole: bool,
    ) -> None:
        """Raise Outdated when the entity is no longer the one that the change was made on."""
        entity = ENTITIES[section]
        if expected is None or expected == await latest_number(session, entity, row.id):
            return
        wanted = select(Version).where(
            Version.entity == entity, Version.entity_id == row.id, Version.number >= expected
        )
        versions = list(await session.scalars(wanted.order_by(Version.number)))
        if not versions:
            raise Conflict(T("This was changed meanwhile. Open it again."))
        (tried,) = await self._editor.edit(
            session, actor, stored, section, [Edit(row, fields)], whole=whole, dry_run=True
        )
        theirs = difference_of(versions[0].document, versions[-1].document, stored)
        yours = [line for change in tried.changes[:1] for line in change.field_lines()]
        raise Outdated(versions[-1], theirs, yours)
