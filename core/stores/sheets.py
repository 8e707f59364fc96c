"""Spreadsheets as Brazilian offices make them (`rules.md` 7.3): rows of text, whatever the file was.

CSV with `;`, `,` or tabs, UTF-8, UTF-16 or cp1252, and XLSX. Capped in size, ratio, rows and columns;
files with entity declarations are refused.
"""

import csv
import io
import re
import zipfile
import zlib
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.reader.excel import ExcelReader

from core.errors import BadInput
from core.stores.columns import FIRST_ROWS, heading_place, is_blank, rank
from core.texts import T

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5000
_MAX_COLUMNS = 40
_LAST_ROW = 1_048_576
"""No spreadsheet goes on further."""
_MAX_UNPACKED = 40 * 1024 * 1024
_MAX_RATIO = 200
_ROW = re.compile(r"<(?:\w+:)?row\b([^>]*)>")
_NUMBER = re.compile(r'\br="(\d+)"')
_HIDDEN = re.compile(r'\bhidden="(?:1|true)"')
_JOINED = r'mergeCell [^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"'
_ZIP = b"PK\x03\x04"
_DELIMITERS = ";\t,"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_DECLARED = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    EOFError,
    OSError,
)
"""What openpyxl lets through from archives that are cut, encrypted or damaged, and from XML that is not its own."""


class Sheet(NamedTuple):
    """The rows of a file as text, and the numbers (from 1) of those that a spreadsheet hides or filters out."""

    rows: list[list[str]]
    hidden: frozenset[int] = frozenset()


def read_sheet(content: bytes) -> Sheet:
    """Return the rows of a file up to the last that is not empty. Raises BadInput."""
    if len(content) > MAX_BYTES:
        raise BadInput(T("The file is larger than 2 MB. Send only the columns that are needed."))
    sheet = _workbook(content) if content.startswith(_ZIP) else Sheet(_delimited(content))
    rows = sheet.rows
    while rows and is_blank(rows[-1]):
        rows.pop()
    if len(rows) > MAX_ROWS:
        raise BadInput(T("The file has more than {most} rows. Split it.", most=MAX_ROWS))
    if not rows:
        raise BadInput(T("The file is empty."))
    return sheet


def _delimited(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-16" if content.startswith(_WIDE) else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise BadInput(T("This is neither CSV nor XLSX. Save the spreadsheet as one of them and send it again."))
    try:
        return [row[:_MAX_COLUMNS] for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))]
    except csv.Error:
        raise BadInput(T("The file cannot be read as CSV. Save it again and send it.")) from None


def _delimiter(text: str) -> str:
    """Return what divides the row that names the columns: a title above it has commas of its own, or nothing."""
    lines = [line for line in text.splitlines() if line.strip()][:FIRST_ROWS]
    ranks = {
        sign: max((rank(next(csv.reader([line], delimiter=sign))) for line in lines), default=0) for sign in _DELIMITERS
    }
    best = max(ranks.values())
    fitting = [sign for sign in _DELIMITERS if ranks[sign] == best]
    return max(fitting, key=(lines or [""])[0].count)


def _workbook(content: bytes) -> Sheet:
    """Return the first sheet that holds anything; what stands on the others may be notes, but no second list.

    A hidden sheet is nobody's list: whoever sends the file does not see it. Hidden rows of the list are told apart.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_archive(archive)
            written = _written(content, archive)
        results, formulas = (
            load_workbook(io.BytesIO(content), read_only=True, data_only=only) for only in (True, False)
        )
        shown = [one.title for one in results.worksheets if one.sheet_state == "visible"]
        found = {name: _rows(results[name], formulas[name]) for name in shown}
        below = {name: _first_below(formulas[name]) for name in shown}
    except _UNREADABLE as error:
        text = T("The spreadsheet cannot be read. Save it again as XLSX and send it.")
        raise BadInput(text, detail=type(error).__name__) from error
    heads = {name: _head(rows) for name, rows in found.items()}
    first = next((name for name, head in heads.items() if head is not None), None)
    strays = [row for name, row in below.items() if row is not None and first in (name, None)]
    if strays and (first is None or is_blank(found[first][-1])):
        raise BadInput(
            T("Something stands in row {row}, far below the list. Delete it or move it up.", row=str(strays[0]))
        )
    if first is None:
        return Sheet([])
    twins = [name for name, head in heads.items() if head == heads[first]]
    if len(twins) > 1:
        raise BadInput(T("Several sheets hold such a list: {sheets}. Put all rows into one.", sheets=twins))
    _refuse_joined(found[first], _joined(written[first]))
    return Sheet(found[first], _hidden(written[first]))


def _written(content: bytes, archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the XML of each sheet."""
    reader = ExcelReader(io.BytesIO(content), read_only=True)
    reader.read_manifest()
    reader.read_workbook()
    found = reader.parser.find_sheets()
    return {sheet.name: archive.read(relation.target).decode("utf-8", "replace") for sheet, relation in found}


def _joined(sheet: str) -> list[tuple[int, str]]:
    """Return which cells are joined over several rows, with the last of these rows."""
    return [
        (int(last), f"{column}{first}:{other}{last}")
        for column, first, other, last in re.findall(_JOINED, sheet)
        if first != last
    ]


def _hidden(sheet: str) -> frozenset[int]:
    """Return the numbers of the rows that are hidden; a row that names no number follows the one before it."""
    hidden, number = set(), 0
    for row in _ROW.findall(sheet):
        named = _NUMBER.search(row)
        number = int(named[1]) if named else number + 1
        if _HIDDEN.search(row):
            hidden.add(number)
    return frozenset(hidden)


def _refuse_joined(rows: list[list[str]], joined: list[tuple[int, str]]) -> None:
    """Raise BadInput where rows of the list share a cell: all but the first of them would go without it."""
    heading = heading_place(rows) or 0
    shared = [cells for last, cells in joined if last > heading + 1]
    if shared:
        raise BadInput(
            T("The cells {cells} are joined over several rows. Separate them, and fill in each row.", cells=shared[0])
        )


def _head(rows: list[list[str]]) -> list[str] | None:
    """Return the row that names the columns, else the first with anything in it; None for an empty sheet."""
    place = heading_place(rows)
    row = rows[place] if place is not None else next((row for row in rows if not is_blank(row)), None)
    return None if row is None else [cell.strip() for cell in row if cell.strip()]


def _first_below(sheet: Any) -> int | None:
    """Return the first row with anything below those that are read."""
    first = MAX_ROWS + 3
    rows = sheet.iter_rows(min_row=first, max_row=_LAST_ROW, max_col=_MAX_COLUMNS, values_only=True)
    return next((number for number, row in enumerate(rows, first) if any(_cell(one).strip() for one in row)), None)


def _rows(results: Any, formulas: Any) -> list[list[str]]:
    """Return the rows of a sheet. Raises BadInput for a formula whose result is not in the file."""
    limits = {"max_row": MAX_ROWS + 2, "max_col": _MAX_COLUMNS}
    rows = []
    for shown, typed in zip(results.iter_rows(values_only=True, **limits), formulas.iter_rows(**limits), strict=False):
        for value, cell in zip(shown, typed, strict=False):
            if value is None and cell.data_type == "f":
                raise BadInput(
                    T(
                        "The result of the formula in {cell} is not in the file. Paste the column as values.",
                        cell=f"{cell.column_letter}{cell.row}",
                    )
                )
        rows.append([_cell(value) for value in shown])
    return rows


def _check_archive(archive: zipfile.ZipFile) -> None:
    """Refuse what unpacks to far more than it is, or declares entities."""
    files = archive.infolist()
    unpacked, packed = sum(one.file_size for one in files), sum(one.compress_size for one in files)
    if unpacked > _MAX_UNPACKED or unpacked > max(packed, 1) * _MAX_RATIO:
        raise BadInput(T("The spreadsheet unpacks to far too much. Save it again and send it."))
    for one in files:
        data = archive.read(one)
        if any(mark in data for mark in _DECLARED):
            raise BadInput(T("The spreadsheet holds declarations that are not accepted. Save it again as XLSX."))


def _cell(value: Any) -> str:
    """Return a cell as text; whole numbers without a fraction, as they were typed."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool):
        return "sim" if value else "não"
    return str(value)
