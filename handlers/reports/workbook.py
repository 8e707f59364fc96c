"""A workbook (XLSX) that is written row by row and never whole in memory. All of it runs in a thread."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from core.logs import escape_controls

Cell = str | int | Decimal | datetime | None

_FORMULA = ("=", "+", "-", "@")
_MOST_ROWS = 1_000_000
_MOST_TEXT = 32_000
_TITLE = 27
_ARROW = 4
"""What the arrow of the filter takes of a heading's width, in characters."""
_NOT_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


class Kind(StrEnum):
    """What a column holds: a number format that every spreadsheet shows in its reader's way."""

    TEXT = "@"
    WHOLE = "#,##0"
    MONEY = "#,##0.00"
    SHARE = "0.0"
    MOMENT = "m/d/yy h:mm"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what it holds, how wide it is in characters."""

    heading: str
    kind: Kind = Kind.TEXT
    width: int = 14


class Styles:
    """The few formats of a workbook; what looks like a formula is `quoted`."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.heading = book.add_format({"bold": True, "num_format": Kind.TEXT})
        self.quoted = book.add_format({"num_format": Kind.TEXT, "quote_prefix": True})
        self.of: dict[Kind, Format] = {kind: book.add_format({"num_format": kind}) for kind in Kind}


class Sheet:
    """A sheet with a heading that stays in sight and a filter; it goes on in a second one when full."""

    def __init__(self, book: xlsxwriter.Workbook, styles: Styles, title: str, columns: Sequence[Column]) -> None:
        self.columns = columns
        self._book = book
        self._styles = styles
        self._title = title.translate(_NOT_IN_TITLES)[:_TITLE]
        self._parts = 0
        self._begin()

    def add(self, *values: Cell) -> None:
        """Write a row, one value per column."""
        if self._rows == _MOST_ROWS:
            self.close()
            self._begin()
        for place, (value, column) in enumerate(zip(values, self.columns, strict=True)):
            self._write(place, value, column.kind)
        self._rows += 1

    def close(self) -> None:
        """Put the filter over all rows."""
        self._page.autofilter(0, 0, self._rows - 1, len(self.columns) - 1)

    def _begin(self) -> None:
        self._parts += 1
        self._page: Worksheet = self._book.add_worksheet(
            self._title if self._parts == 1 else f"{self._title} {self._parts}"
        )
        self._page.freeze_panes(1, 0)
        for place, column in enumerate(self.columns):
            self._page.set_column(place, place, max(column.width, len(column.heading) + _ARROW))
            self._page.write_string(0, place, column.heading, self._styles.heading)
        self._rows = 1

    def _write(self, place: int, value: Cell, kind: Kind) -> None:
        page, row, style = self._page, self._rows, self._styles.of[kind]
        match value:
            case None | "":
                return
            case str():
                # What looks like a formula stays the text that it is, when it is edited too (`rules.md` 7.3).
                style = self._styles.quoted if value.startswith(_FORMULA) else style
                page.write_string(row, place, _plain(value), style)
            case datetime():
                page.write_datetime(row, place, value.replace(tzinfo=None), style)
            case int():
                page.write_number(row, place, value, self._styles.of[Kind.WHOLE])
            case _:
                page.write_number(row, place, value, style)


class Workbook:
    """The file as a whole."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "book.xlsx"
        # Rows leave for a file as they come; that file lies in the folder that goes with the workbook.
        self._book = xlsxwriter.Workbook(self._path, {"constant_memory": True, "tmpdir": self._folder.name})
        self._styles = Styles(self._book)
        self._sheets: list[Sheet] = []

    def sheet(self, title: str, columns: Sequence[Column]) -> Sheet:
        made = Sheet(self._book, self._styles, title, columns)
        self._sheets.append(made)
        return made

    def finish(self) -> bytes:
        """Return the file."""
        for sheet in self._sheets:
            sheet.close()
        self._book.close()
        with self._folder:
            return self._path.read_bytes()

    def discard(self) -> None:
        """Remove what was written so far. The library closes its own files only where the book is finished."""
        if self._path.parent.exists():
            self.finish()


def _plain(value: str) -> str:
    return escape_controls(value.encode("utf-8", "replace").decode())[:_MOST_TEXT]
