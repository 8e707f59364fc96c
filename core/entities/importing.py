"""Stores from a spreadsheet (CH-1): looked at row by row before anything is saved."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from sqlalchemy.ext.asyncio import AsyncSession

from core.access import Actor, Permission, UseCase
from core.configuration.editing import Edit, Edited, Editor
from core.configuration.problems import BadFields
from core.configuration.stored import Fields, Stored, load_stored, store_fields
from core.configuration.wanted import Section
from core.db.database import Database
from core.entities.differing import Difference
from core.errors import Conflict
from core.stores.columns import left_out
from core.stores.model import Store
from core.stores.rows import SheetRow, read_rows
from core.stores.sheets import read_sheet
from core.texts import T, Text


@dataclass(slots=True)
class Import:
    """What a file would do, or did: rows that make stores, change them, are so already, or cannot be taken.

    `columns` are headings of which nothing is known: what stands below them is not taken. `hidden` are rows that
    the spreadsheet does not show, and that are taken like the others.
    """

    new: list[str] = field(default_factory=list)
    changed: list[tuple[str, Difference]] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    invalid: list[Text] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    hidden: list[Text] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """Tell what this does from anything else."""
        changed = [(name, one.before, one.after) for name, one in self.changed]
        said = json.dumps([self.new, changed, self.same, [one.to_json() for one in self.invalid]], default=str)
        return hashlib.sha256(said.encode()).hexdigest()


class ImportStores(UseCase):
    """Take stores from a CSV or XLSX file, known ones by name or CNPJ. Rows that are wrong are left out and told.

    With `dry_run` nothing is saved; `expected` is the fingerprint of what was shown. Raises Conflict when
    it would be something else by now; then nothing was saved.
    """

    permission = Permission.CONFIGURE

    def __init__(self, database: Database, editor: Editor) -> None:
        self._database = database
        self._editor = editor

    async def __call__(self, actor: Actor, content: bytes, *, dry_run: bool, expected: str | None = None) -> Import:
        sheet = await asyncio.to_thread(read_sheet, content)
        rows = read_rows(sheet.rows)
        async with self._database.reading() if dry_run else self._database.writing() as session:
            stored = await load_stored(session, actor.organisation_id, lock=not dry_run)
            good = [row for row in rows if not row.problems]
            edits = [_edit(row, stored) for row in good]
            while good:
                try:
                    await self._edit(session, actor, stored, edits, dry_run=True)
                    break
                except BadFields as error:
                    wrong = error.entries
                    if not wrong:
                        raise
                    for index, problems in wrong.items():
                        good[index].problems += problems
                    edits = [edit for index, edit in enumerate(edits) if index not in wrong]
                    good = [row for index, row in enumerate(good) if index not in wrong]
            before = [store_fields(edit.row) if isinstance(edit.row, Store) else {} for edit in edits]
            edited = await self._edit(session, actor, stored, edits, dry_run=dry_run) if good else []
            found = _result(rows, edits, before, edited)
            if expected not in (None, found.fingerprint):
                raise Conflict(T("Nothing was saved: somebody changed something meanwhile. Look at the plan again."))
        unseen = [row for row in rows if row.number in sheet.hidden]
        hidden = [T("Row {row}, {name}", row=str(row.number), name=row.name) for row in unseen]
        return replace(found, columns=left_out(sheet.rows), hidden=hidden)

    async def _edit(
        self, session: AsyncSession, actor: Actor, stored: Stored, edits: Sequence[Edit], *, dry_run: bool
    ) -> list[Edited]:
        return await self._editor.edit(session, actor, stored, Section.STORES, edits, dry_run=dry_run)


def _edit(row: SheetRow, stored: Stored) -> Edit:
    """Return what a row means: a store of that name, else of that CNPJ, else a new one called by its name."""
    live = stored.stores.live
    known: Store | None = live.get(str(row.fields.get("name", "")))
    if known is None and "cnpj" in row.fields:
        known = next((one for one in live.values() if one.cnpj == row.fields["cnpj"]), None)
    fields = row.fields if known is not None or "name" in row.fields else row.fields | {"name": row.fields["cnpj"]}
    return Edit(known, fields)


def _result(rows: list[SheetRow], edits: list[Edit], before: list[Fields], edited: list[Edited]) -> Import:
    found = Import()
    for edit, old, one in zip(edits, before, edited, strict=True):
        if edit.row is None:
            found.new.append(one.name)
        elif one.changes:
            found.changed.append((one.name, Difference(one.changes[0].all_fields(), old, old | edit.fields)))
        else:
            found.same.append(one.name)
        if one.changes and one.id is not None:
            found.marks.append((one.id, one.version))
    found.invalid = [
        T("Row {row}, {name}: {problem}", row=str(row.number), name=row.name, problem=reduce(_and, row.problems))
        for row in rows
        if row.problems
    ]
    return found


def _and(one: Text, other: Text) -> Text:
    return T("{one} {other}", one=one, other=other)
