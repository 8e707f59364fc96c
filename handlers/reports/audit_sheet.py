"""The audit as a spreadsheet: one row for each thing that was done. For use in a thread."""

from collections.abc import Callable, Sequence

from core.entities.audit import AuditLine
from core.history.words import author
from core.i18n import Translator
from core.texts import T, Text
from handlers.audit.words import action, source, subject
from handlers.reports.workbook import Column, Kind, Workbook

_COLUMNS = (
    (T("When"), Kind.MOMENT, 16),
    (T("Who"), Kind.TEXT, 20),
    (T("From"), Kind.TEXT, 14),
    (T("Did"), Kind.TEXT, 24),
    (T("What"), Kind.TEXT, 34),
    (T("Before → after"), Kind.TEXT, 80),
)


def audit_sheet(rows: Sequence[tuple[AuditLine, Callable[[str], Text]]], say: Translator) -> bytes:
    """Return the file. Each entry comes with what its fields are called."""
    book = Workbook()
    sheet = book.sheet(say(T("Audit")), [Column(say(title), kind, width) for title, kind, width in _COLUMNS])
    for line, named in rows:
        at = line.at.astimezone(say.zone).replace(tzinfo=None)
        changes = [
            T("{field}: {before} → {after}", field=named(one.field), before=one.before, after=one.after)
            for one in line.changes
        ]
        sheet.add(
            at,
            say(author(line.actor)),
            say(source(line)),
            say(action(line)),
            say(subject(line)),
            "; ".join(map(say, changes)),
        )
    return book.finish()
