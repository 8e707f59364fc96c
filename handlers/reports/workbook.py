"""A workbook (XLSX) that is written row by row and never whole in memory.

Written as text by ourselves: the usual library takes most of a minute for a chain's report,
in which nobody else in the process would get a word in. Everything here runs in a thread.
"""

import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from core.logs import escape_controls
from handlers.reports import skeleton

Cell = str | int | Decimal | datetime | None

_FORMULA = ("=", "+", "-", "@")
_MOST_ROWS = 1_000_000
_MOST_TEXT = 32_000
_TITLE = 27
_IN_MEMORY = 1_000_000
_CHUNK = 500
_NOT_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets count days on the wall's clock
_DAY = timedelta(days=1)


class Kind(IntEnum):
    """What a column holds: the number of its style, which every spreadsheet shows in its reader's way."""

    TEXT = skeleton.TEXT
    WHOLE = skeleton.WHOLE
    MONEY = skeleton.MONEY
    MOMENT = skeleton.MOMENT


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what it holds, how wide it is in characters."""

    heading: str
    kind: Kind = Kind.TEXT
    width: int = 14


class _Page:
    """The rows of one sheet, spilling into a temporary file."""

    def __init__(self, title: str, columns: Sequence[Column]) -> None:
        self.title = title
        self.rows = 0
        self._columns = columns
        self._file: BinaryIO = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # type: ignore[assignment] # noqa: SIM115
        self._waiting: list[str] = [skeleton.sheet_head([column.width for column in columns])]
        self.write([_text(column.heading, skeleton.HEADING) for column in columns])

    def write(self, cells: Sequence[str]) -> None:
        self._waiting.append(f"<row>{''.join(cells)}</row>")
        self.rows += 1
        if len(self._waiting) >= _CHUNK:
            self._spill()

    def copy_into(self, target: zipfile.ZipFile, name: str) -> None:
        """End the sheet and put it into the file."""
        self._waiting.append(skeleton.sheet_tail(f"A1:{_letter(len(self._columns))}{self.rows}"))
        self._spill()
        self._file.seek(0)
        with self._file, target.open(name, "w") as part:
            while chunk := self._file.read(_IN_MEMORY):
                part.write(chunk)

    def _spill(self) -> None:
        self._file.write("".join(self._waiting).encode())
        self._waiting.clear()


class Sheet:
    """A sheet with a heading that stays in sight and a filter; it goes on in a second one when full."""

    def __init__(self, title: str, columns: Sequence[Column], most_rows: int) -> None:
        self.columns = columns
        self._title = title.translate(_NOT_IN_TITLES)[:_TITLE]
        self._most_rows = most_rows
        self.pages = [_Page(self._title, columns)]

    def add(self, *values: Cell) -> None:
        """Write a row, one value per column."""
        if self.pages[-1].rows == self._most_rows:
            self.pages.append(_Page(f"{self._title} {len(self.pages) + 1}", self.columns))
        self.pages[-1].write([_cell(value, column.kind) for value, column in zip(values, self.columns, strict=True)])


class Workbook:
    """The file as a whole."""

    def __init__(self, most_rows: int = _MOST_ROWS) -> None:
        self._most_rows = most_rows
        self._sheets: list[Sheet] = []

    def sheet(self, title: str, columns: Sequence[Column]) -> Sheet:
        made = Sheet(title, columns, self._most_rows)
        self._sheets.append(made)
        return made

    def finish(self) -> bytes:
        """Return the file."""
        pages = [page for sheet in self._sheets for page in sheet.pages]
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
                for name, text in skeleton.parts([quoteattr(page.title) for page in pages]).items():
                    target.writestr(name, text)
                for number, page in enumerate(pages, 1):
                    page.copy_into(target, f"xl/worksheets/sheet{number}.xml")
            file.seek(0)
            return file.read()


def _cell(value: Cell, kind: Kind) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, str):
        # What looks like a formula stays the text that it is, when it is edited too (`rules.md` 7.3).
        return _text(value, skeleton.QUOTED if value.startswith(_FORMULA) else kind)
    if isinstance(value, datetime):
        return f'<c s="{kind}"><v>{(value - _DAY_ZERO) / _DAY:.6f}</v></c>'
    return f'<c s="{skeleton.WHOLE if isinstance(value, int) else kind}"><v>{value}</v></c>'


def _text(value: str, style: int) -> str:
    plain = value.encode("utf-8", "replace").decode()
    words = escape(escape_controls(plain)[:_MOST_TEXT])
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c>'


def _letter(number: int) -> str:
    return chr(ord("A") + number - 1)
