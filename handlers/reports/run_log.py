"""The log of a run as a text file, in the reader's language and time."""

from collections.abc import Sequence

from babel.dates import format_datetime

from core.executions.model import LogLine
from core.executions.views import RunView
from core.i18n import Translator
from core.texts import Text
from handlers.formatting import say

_LEVEL = 7


def write_log(run: RunView, lines: Sequence[LogLine], translator: Translator) -> bytes:
    """Return a line per entry: time, level, store, words."""
    names = {store.store_id: store.name for store in run.stores}
    rows = []
    for line in lines:
        at = format_datetime(line.at, "yyyy-MM-dd HH:mm:ss", tzinfo=translator.zone, locale=translator.locale)
        words = say(translator, Text.from_json(line.text))
        store = names.get(line.store_id or 0, "")
        rows.append("  ".join(part for part in (at, line.level.upper().ljust(_LEVEL), store, words) if part))
    # A byte order mark, without which some editors read accents wrong.
    return "\ufeff".encode() + "\r\n".join([*rows, ""]).encode()
