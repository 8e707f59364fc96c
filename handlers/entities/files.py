"""Stores from a file sent to the chat: looked at first, saved only when told to."""

import asyncio
from pathlib import Path

from aiogram.types import Message
from aiogram_dialog import DialogManager
from aiogram_dialog.widgets.input import MessageInput

from core.configuration.wanted import Section
from core.entities.importing import Import, ImportStores
from core.errors import BadInput
from core.forms.loading import LoadForm
from core.outbox.content import Attachment, Draft
from core.stores.rows import TEMPLATE
from core.stores.sheets import MAX_BYTES
from core.texts import TN, T, Text
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Page
from handlers.entities.getters import section_of
from handlers.entities.states import Entities
from handlers.files import download
from handlers.forms.differing import told_of
from handlers.reports.import_sheet import import_sheet
from handlers.reports.stores_template import stores_template

_SHOWN = 8
_PLAN = "plan"
_SHEETS = frozenset({"", ".csv", ".xlsx", ".txt"})
_TITLE = T("📥 Stores from a file")
_AGAIN = T("Mend the file and send it here again.")
_STORES_ONLY = T("I take files for stores only, as CSV or XLSX.")


async def take_file(message: Message, _input: MessageInput, manager: DialogManager) -> None:
    """Remember a file that was sent, and show what it would do."""
    menu = Menu(manager)
    if section_of(menu) is not Section.STORES:
        raise BadInput(_STORES_ONLY)
    menu.data["file"] = sheet(message)
    await menu.go(Entities.file)


def sheet(message: Message) -> str:
    """Return the id of a spreadsheet that was sent. Raises BadInput."""
    document = message.document
    if document is None:
        raise BadInput(_STORES_ONLY)
    name = document.file_name or ""
    if Path(name).suffix.lower() not in _SHEETS:
        raise BadInput(
            T("“{name}” is no spreadsheet that I can read. Save it as CSV or XLSX, and send it here again.", name=name)
        )
    if (document.file_size or 0) > MAX_BYTES:
        raise BadInput(T("The file is larger than 2 MB. Send only the columns that are needed."))
    return document.file_id


async def file_page(menu: Menu) -> Page:
    """Show what the file would make, change and leave out, or why it cannot be read; another one may be sent."""
    if "file" not in menu.data:
        lines = [
            T("Send a CSV or XLSX file whose first row names the columns:"),
            TEMPLATE,
            T("Nothing is saved before you have seen what it would do."),
        ]
        return Page(_TITLE, lines, offers=frozenset({"template"}))
    try:
        found = await _imported(menu)
    except BadInput as error:
        lines = [T("❌ {problem}", problem=error.text), *error.problems, _AGAIN]
        return Page(_TITLE, lines, offers=frozenset({"template"}))
    menu.data[_PLAN] = found.fingerprint
    lines = await _told(menu, found)
    offers = {"rows"} if _cut(found) else set()
    if not (found.new or found.changed):
        ending = [_AGAIN] if found.invalid else []
        return Page(T("📥 Stores from a file: nothing to save"), [*lines, *ending], offers=frozenset(offers))
    return Page(T("📥 Stores from a file: apply this?"), lines, offers=frozenset({"apply", *offers}))


async def apply_file(menu: Menu) -> None:
    """Save what was shown, and lead to what can be done with the stores: taking it back is among it."""
    found = await _imported(menu, expected=menu.data.get(_PLAN, ""))
    menu.data.pop("file")
    menu.data["marks"] = [list(mark) for mark in found.marks]
    menu.note(
        TN("{n} store was saved.", "{n} stores were saved.", len(found.marks)),
        T("Undo takes all of it back."),
    )
    menu.unfold()
    await menu.go(Entities.all)


async def send_rows(menu: Menu) -> Text:
    """Bring every row with what would become of it as a spreadsheet, in a message below."""
    found = await _imported(menu)
    form = await menu.use(LoadForm)(menu.actor, Section.STORES, None)
    changed = [(name, told_of(form, difference)) for name, difference in found.changed]
    data = await asyncio.to_thread(import_sheet, found, changed, menu.talk.translator)
    menu.talk.send(Draft([T("📄 What the file would do, row by row.")], file=Attachment("import.xlsx", data)))
    return T("The file is below.")


async def send_template(menu: Menu) -> Text:
    """Bring a spreadsheet to fill in, in a message below."""
    name, data = await asyncio.to_thread(stores_template, menu.talk.translator)
    lines = [T("📄 Fill it in from row 3 on, delete the example, and send it back to me.")]
    menu.talk.send(Draft(lines, file=Attachment(name, data)))
    return T("The file is below.")


async def _imported(menu: Menu, *, expected: str | None = None) -> Import:
    """Say what the file would do, or do exactly what was expected of it."""
    content = await download(menu.bot, menu.data["file"])
    found: Import = await menu.use(ImportStores)(menu.actor, content, dry_run=expected is None, expected=expected)
    return found


async def _told(menu: Menu, found: Import) -> list[Text]:
    form = await menu.use(LoadForm)(menu.actor, Section.STORES, None)
    changes = [(name, told_of(form, difference)) for name, difference in found.changed]
    return [
        *_head(T("🆕 New: {n}", n=len(found.new))),
        *_some([T("    {name}", name=name) for name in found.new]),
        *_head(T("✏️ Changed: {n}", n=len(found.changed))),
        *[line for name, lines in changes[:_SHOWN] for line in _changed(name, lines)],
        *_more(len(changes)),
        *_head(T("✅ The same already: {n}", n=len(found.same))),
        *_head(T("❌ Left out: {n}", n=len(found.invalid))),
        *_some([T("    {problem}", problem=problem) for problem in found.invalid]),
        *_head(T("🙈 Hidden in the spreadsheet, taken like the others: {n}", n=len(found.hidden))),
        *_some([T("    {name}", name=row) for row in found.hidden]),
        *([T("⚠️ Columns that I do not know and do not take: {columns}.", columns=found.columns)] * bool(found.columns)),
    ]


def _cut(found: Import) -> bool:
    """Tell whether the page names only some of the rows."""
    return bool(found.same) or max(len(found.new), len(found.changed), len(found.invalid)) > _SHOWN


def _head(line: Text) -> list[Text]:
    """Return the line above what there is of one kind; where there is none, nothing."""
    return [line] if line.params["n"] else []


def _changed(name: str, lines: list[Text]) -> list[Text]:
    """Return a store with what would change of it, a line each."""
    return [T("    {name}:", name=name), *(T("        {line}", line=line) for line in lines)]


def _some(lines: list[Text]) -> list[Text]:
    return [*lines[:_SHOWN], *_more(len(lines))]


def _more(number: int) -> list[Text]:
    more = number - _SHOWN
    return [T("    … and {n} more", n=more)] if more > 0 else []
