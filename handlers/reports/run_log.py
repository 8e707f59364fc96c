"""The log of runs, as lines of a message or of a text file, in the reader's language and time."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time

from babel.dates import format_datetime

from core.executions.model import LogLine
from core.executions.views import RunView
from core.i18n import Translator
from core.texts import T, Text
from handlers.formatting import neutral, say

_WIDTH = 7
_DETAIL = 300
_MARKS = {"warning": "⚠️", "error": "❌"}
_LEVELS: dict[str, Text] = {
    "debug": T("debug"),
    "info": T("info"),
    "warning": T("warning"),
    "error": T("error"),
}


def write_log(run: RunView, lines: Sequence[LogLine], translator: Translator) -> bytes:
    """Return a line per entry: time, level, store, words."""
    names = {store.store_id: store.name for store in run.stores}
    return as_file(log_row(line, names.get(line.store_id or 0, ""), translator) for line in lines)


def log_text(line: LogLine, store: str, at: datetime | time) -> Text:
    """Return an entry as a message shows it; what went wrong is marked."""
    mark, text = _MARKS.get(line.level, "·"), Text.from_json(line.text)
    if not store:
        return T("{icon} {at} {text}", icon=mark, at=at, text=text)
    return T("{icon} {at} {store}: {text}", icon=mark, at=at, store=store, text=text)


def log_row(line: LogLine, store: str, translator: Translator) -> str:
    """Return an entry as one line that nothing in it can break or reverse."""
    at = format_datetime(line.at, "yyyy-MM-dd HH:mm:ss", tzinfo=translator.zone, locale=translator.locale)
    level = say(translator, _LEVELS[line.level]).upper().ljust(_WIDTH)
    words = say(translator, Text.from_json(line.text))
    if line.level == "error" and line.detail:
        words = f"{words} [{neutral(line.detail)[:_DETAIL]}]"
    return "  ".join(part for part in (at, level, neutral(store), words) if part)


def as_file(rows: Iterable[str]) -> bytes:
    """Return lines as a text file; it begins with a byte order mark, without which some editors misread accents."""
    return "\ufeff".encode() + "\r\n".join([*rows, ""]).encode()
