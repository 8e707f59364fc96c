"""The audit as a spreadsheet: one row for each thing that was done. For use in a thread."""

from collections.abc import Sequence

from core.entities.audit import AuditLine
from core.history.words import author
from core.i18n import Translator
from core.texts import T
from handlers.audit.words import action, source, subject
from handlers.forms.differing import Teller
from handlers.reports.workbook import Column, Kind, Workbook

_COLUMNS = (
    (T("When"), Kind.MOMENT, 16),
    (T("Who"), Kind.TEXT, 20),
    (T("Source"), Kind.TEXT, 18),
    (T("Did"), Kind.TEXT, 24),
    (T("What"), Kind.TEXT, 34),
    (T("Before → after"), Kind.TEXT, 80),
)


def audit_sheet(rows: Sequence[tuple[AuditLine, Teller]], say: Translator) -> bytes:
    """Return the file. Each entry comes with what puts its changes into words."""
    book = Workbook()
    sheet = book.sheet(say(T("Audit")), [Column(say(title), kind, width) for title, kind, width in _COLUMNS])
    for line, tell in rows:
        at = line.at.astimezone(say.zone).replace(tzinfo=None)
        sheet.add(
            at,
            say(author(line.actor)),
            say(source(line)),
            say(action(line)).rstrip(":"),
            say(subject(line)),
            "; ".join(map(say, tell(line.difference))),
        )
    return book.finish()
