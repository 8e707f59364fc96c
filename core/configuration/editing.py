"""The one place that decides and writes configuration: documents, forms, undo, imports and API alike."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Role
from core.clock import Clock
from core.configuration.credentials import moved
from core.configuration.deciding import Decision, decide
from core.configuration.modules import ModuleSettings
from core.configuration.plan import Change, Plan, make_plan
from core.configuration.problems import EntryProblems
from core.configuration.reading import CheckSchedule, Draft, draft_data, read_document
from core.configuration.stored import Fields, Stored, load_stored, recorded
from core.configuration.wanted import Row, Section, Wanted
from core.configuration.writing import ENTITIES, Writer, Written
from core.connections.model import Integration
from core.connections.repository import open_secrets
from core.errors import NotFound
from core.history.recorder import Recorder, latest_number
from core.organisations.model import Organisation
from core.people.confirming import require_confirmation
from core.people.model import Person
from core.secrets import SecretBox
from core.texts import T

DOCUMENT = "configuration document"


@dataclass(frozen=True, slots=True)
class Edit:
    """What shall be of one entity, in the document's words; `row` None makes a new one."""

    row: Row | None
    fields: Fields


@dataclass(frozen=True, slots=True)
class Edited:
    """An entity after an edit. Nothing changed: no `changes`, and the version it had.

    `changes` begins with the entity itself; jobs that follow a rename come after it.
    Of an edit that was only tried, a new entity has no id yet.
    """

    section: Section
    id: int | None
    name: str
    version: int
    changes: list[Change]


class Editor:
    """Works inside the caller's transaction."""

    def __init__(
        self, clock: Clock, recorder: Recorder, box: SecretBox, modules: ModuleSettings, check_schedule: CheckSchedule
    ) -> None:
        self._clock = clock
        self._recorder = recorder
        self._box = box
        self._modules = modules
        self._check_schedule = check_schedule

    async def read(self, text: str | bytes) -> Draft:
        """Read a document, beside the loop: a large one takes its time."""
        return await asyncio.to_thread(read_document, text, self._check_schedule)

    async def apply(
        self,
        session: AsyncSession,
        actor: Actor,
        draft: Draft,
        *,
        prune: bool,
        unfinished: bool,
        dry_run: bool,
    ) -> Plan:
        """Make everything as a document says, or only say what that would do."""
        stored = await load_stored(session, actor.organisation_id, lock=not dry_run)
        decision = decide(draft, stored, actor, self._modules, self._box, prune=prune, unfinished=unfinished)
        plan = make_plan(decision, prune=prune)
        if not (dry_run or plan.empty):
            await require_confirmation(session, actor)
            await self.writer(session, actor, DOCUMENT).write(decision, stored, prune=prune)
        return plan

    async def edit(
        self,
        session: AsyncSession,
        actor: Actor,
        stored: Stored,
        section: Section,
        edits: Sequence[Edit],
        *,
        whole: bool = False,
        comment: str = "",
        dry_run: bool = False,
    ) -> list[Edited]:
        """Change some entities of one kind, all of them or none. See `Placed` for `whole`.

        `stored` was loaded in this session, locked unless it is a `dry_run`, and holds the edits' rows.
        Raises BadFields with every problem, ConfirmationNeeded where the change needs the PIN.
        """
        problems = EntryProblems(names=[str(_name_after(edit)) for edit in edits])
        _refuse_taken_names(section, edits, stored, problems)
        entries = [_entry(edit) for edit in edits]
        data = {"version": 1, section.value: entries[0] if section is Section.ORGANISATION else entries}
        draft = draft_data(data, problems, self._check_schedule, whole=whole)
        decision = decide(draft, stored, actor, self._modules, self._box, prune=False)
        plan = make_plan(decision, prune=False)
        written: list[Written] = []
        if not dry_run:
            if self._needs_pin(decision):
                await require_confirmation(session, actor)
            written = await self.writer(session, actor, comment).write(decision, stored, prune=False)
        done = {id(item.wanted): item for item in written}
        return [
            await _edited(session, item, plan.changes, done.get(id(item)))
            for item in decision.wanted()
            if item.section is section and _concerns(item, section)
        ]

    def opened(self, actor: Actor, stored: Stored, section: Section, edit: Edit) -> tuple[str, BaseModel]:
        """Return module and settings, secrets and all, as an integration or channel would have them.

        For trying them out before they are saved. Raises BadFields; a stored secret never goes
        to another address.
        """
        problems = EntryProblems(names=[str(_name_after(edit))])
        _refuse_taken_names(section, [edit], stored, problems)
        draft = draft_data({"version": 1, section.value: [_entry(edit)]}, problems, self._check_schedule, whole=True)
        decision = decide(draft, stored, actor, self._modules, self._box, prune=False)
        wanted = (decision.integrations if section is Section.INTEGRATIONS else decision.channels)[0]
        kept = open_secrets(wanted.row, self._box) if wanted.row is not None and wanted.before is not None else {}
        secrets = {key: value for key, value in (kept | wanted.secrets).items() if value}
        module = str(wanted.after["module"])
        return module, self._modules.settings_model(module).model_validate(wanted.after["settings"] | secrets)

    def writer(self, session: AsyncSession, actor: Actor, comment: str) -> Writer:
        return Writer(session, actor, self._clock, self._recorder, self._box, comment)

    async def keep(self, session: AsyncSession, actor: Actor, section: Section, row: Row, comment: str) -> int:
        """Record that somebody wants an entity to stay as it is. Returns the number of the version."""
        same = recorded(row)
        return await self._recorder.version(
            session, actor, ENTITIES[section], row.id, same, before=same, comment=comment
        )

    def _needs_pin(self, decision: Decision) -> bool:
        """Tell whether a change sends an integration's secrets elsewhere, or concerns an owner (`rules.md` 5)."""
        return any(self._moves(item) for item in decision.integrations) or any(
            item.changed and Role.OWNER.key in ((item.before or {}).get("role"), item.after["role"])
            for item in decision.users
        )

    def _moves(self, item: Wanted[Integration]) -> bool:
        if item.before is None:
            return False
        model = self._modules.settings_model(item.after["module"])
        return moved(model, item.before["settings"], item.after["settings"])


def live_rows(stored: Stored, section: Section) -> list[Row]:
    """Return the entities of one kind that are in use, in their order."""
    match section:
        case Section.ORGANISATION:
            return [stored.organisation]
        case Section.STORES:
            return list(stored.stores.live.values())
        case Section.INTEGRATIONS:
            return list(stored.integrations.live.values())
        case Section.CHANNELS:
            return list(stored.channels.live.values())
        case Section.JOBS:
            return list(stored.jobs.live.values())
        case Section.USERS:
            return [person for person in stored.people.values() if person.active]


def removed_rows(stored: Stored, section: Section) -> list[Row]:
    """Return the entities of one kind that were removed and can come back."""
    match section:
        case Section.ORGANISATION:
            return []
        case Section.STORES:
            return list(stored.stores.removed.values())
        case Section.INTEGRATIONS:
            return list(stored.integrations.removed.values())
        case Section.CHANNELS:
            return list(stored.channels.removed.values())
        case Section.JOBS:
            return list(stored.jobs.removed.values())
        case Section.USERS:
            return [person for person in stored.people.values() if not person.active]


def find_row(rows: Sequence[Row], entity_id: int) -> Row:
    """Return the entity with this id among some. Raises NotFound."""
    for row in rows:
        if row.id == entity_id:
            return row
    raise NotFound(T("This is no longer there. Open the list again."))


def _name_after(edit: Edit) -> Any:
    given = edit.fields.get("name")
    return given if given is not None else (edit.row.name if edit.row is not None else "")


def _entry(edit: Edit) -> Fields:
    """Return the entry that a document would hold, naming the present row."""
    match edit.row:
        case None | Organisation():
            return edit.fields
        case Person() as person:
            return edit.fields | {"telegram_id": person.telegram_id}
        case row:
            renamed = {"was": row.name} if _name_after(edit) != row.name else {}
            return edit.fields | {"name": _name_after(edit)} | renamed


def _refuse_taken_names(section: Section, edits: Sequence[Edit], stored: Stored, problems: EntryProblems) -> None:
    """Refuse what a document may do: name something that is there would change another entity than the one shown."""
    if section is Section.ORGANISATION:
        return
    by_key = {_key(row): row for row in live_rows(stored, section)}
    field = "telegram_id" if section is Section.USERS else "name"
    for index, edit in enumerate(edits):
        key = str(edit.fields.get(field, "")).strip()
        holder = by_key.get(key)
        if holder is not None and holder is not edit.row and not isinstance(edit.row, Person):
            problem = T("“{value}” is there already. Choose another one.", value=key)
            problems.add((section, index, field), problem)


def _key(row: Row) -> str:
    return str(row.telegram_id) if isinstance(row, Person) else row.name


def _concerns(item: Wanted[Row], section: Section) -> bool:
    """Tell whether this entity was edited itself: jobs that follow a rename have no place of their own."""
    return section is Section.ORGANISATION or len(item.path) > 1


async def _edited(session: AsyncSession, item: Wanted[Row], plan: list[Change], done: Written | None) -> Edited:
    row = done.row if done is not None else item.row
    name = str(item.after.get("name", item.name))
    if done is not None:
        version = done.version
    else:
        version = await latest_number(session, ENTITIES[item.section], row.id) if row is not None else 0
    changes = [change for change in plan if change.name == name and change.section is item.section]
    followers = [change for change in plan if change.section is not item.section]
    return Edited(item.section, row.id if row is not None else None, name, version, changes + followers)
