"""What a file of stores would do, as a spreadsheet: one row for each of its own. For use in a thread."""

from collections.abc import Sequence

from core.entities.importing import Import
from core.i18n import Translator
from core.texts import T, Text
from handlers.reports.workbook import Column, Workbook

_COLUMNS = ((T("Result"), 18), (T("Store"), 30), (T("What changes, or what is wrong"), 90))


def import_sheet(found: Import, changed: Sequence[tuple[str, Sequence[Text]]], say: Translator) -> bytes:
    """Return the file; `changed` are the stores that change, with their changes in words."""
    book = Workbook()
    sheet = book.sheet(say(T("Stores")), [Column(say(title), width=width) for title, width in _COLUMNS])
    for problem in found.invalid:
        sheet.add(say(T("left out")), "", say(problem))
    for name in found.new:
        sheet.add(say(T("new")), name, "")
    for name, lines in changed:
        sheet.add(say(T("would change")), name, "; ".join(map(say, lines)))
    for name in found.same:
        sheet.add(say(T("the same already")), name, "")
    return book.finish()
