"""From rows of a spreadsheet to stores: columns by their usual names, cells mended or refused with their row."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.cnpj import bare_cnpj, parse_cnpj
from core.errors import BadInput
from core.forms.numbers import read_whole
from core.forms.parsing import split_list
from core.forms.words import plain, yes_or_no
from core.schedules.openings import read_opening
from core.stores.columns import columns_of, heading_place, is_blank
from core.texts import T, Text

TEMPLATE = T("name; cnpj; tags; limit; opening; unit; registration; active; chimera sends")
_FAILED = re.compile(
    r"#(N/[AD]|¡?(DIV/0|REF|VALUE|VALOR|NUM|NÚM|NULL|NULO|SPILL|DESPEJAR|DERRAME|CALC)!|¿?(NAME|NOME|NOMBRE)\?)"
)
_PART_OF_A_DAY = re.compile(r"0[.,]\d+")
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")
_CNPJ_LENGTH = 14
_SHORTEST_CNPJ = 8


@dataclass(slots=True)
class SheetRow:
    """One row: its number in the file, what it says of a store, and what is wrong with it."""

    number: int
    fields: dict[str, Any]
    problems: list[Text] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.fields.get("name") or self.fields.get("cnpj") or self.number)


def read_rows(rows: list[list[str]]) -> list[SheetRow]:
    """Return the stores of a sheet; titles may stand above the row that names the columns. Raises BadInput."""
    place = heading_place(rows)
    if place is None:
        raise BadInput(
            T("The first row must name the columns, among them name and cnpj, as in: {template}", template=TEMPLATE)
        )
    columns = columns_of(rows[place])
    known = [column for column in columns if column is not None]
    twice = [
        cell
        for cell, column in zip(rows[place], columns, strict=True)
        if column is not None and known.count(column) > 1
    ]
    if twice:
        raise BadInput(T("Several columns say the same: {columns}. Keep one of them.", columns=twice))
    below = enumerate(rows[place + 1 :], start=place + 2)
    read = [_row(number, rows[place], cells) for number, cells in below if not is_blank(cells)]
    _refuse_twins(read)
    return read


def _row(number: int, headings: list[str], cells: list[str]) -> SheetRow:
    """Return what a row says; a cell that cannot be read is told by the heading that stands above it."""
    row = SheetRow(number, {})
    for heading, name, cell in zip(headings, columns_of(headings), cells, strict=False):
        if name is None or not cell.strip():
            continue
        try:
            row.fields[name] = _READERS.get(name, plain)(_good(cell))
        except BadInput as error:
            row.problems.append(T("{field}: {problem}", field=heading.strip(" :*"), problem=error.text))
    if "name" not in row.fields and "cnpj" not in row.fields and not row.problems:
        row.problems.append(T("Neither name nor CNPJ is there."))
    return row


def _good(cell: str) -> str:
    """Return a cell. Raises BadInput for what a spreadsheet shows where its formula failed."""
    if _FAILED.fullmatch(cell.strip()):
        raise BadInput(T("“{cell}”: the formula there failed. Type the value.", cell=cell.strip()))
    return cell


def _refuse_twins(rows: list[SheetRow]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        for key in ("name", "cnpj"):
            value = row.fields.get(key)
            if value is None:
                continue
            first = seen.setdefault((key, str(value)), row.number)
            if first != row.number:
                row.problems.append(T("“{value}” stands in row {row} already.", value=str(value), row=str(first)))


def _cnpj(cell: str) -> str:
    """Return the CNPJ; zeros that a spreadsheet took away come back if the check digits agree."""
    text = cell.strip().lstrip("'")
    if _SCIENTIFIC.fullmatch(text):
        raise BadInput(
            T("“{cnpj}”: the spreadsheet cut this CNPJ. Format the column as text and type it again.", cnpj=text)
        )
    bare = bare_cnpj(text)
    if bare.isdecimal() and _SHORTEST_CNPJ <= len(bare) < _CNPJ_LENGTH:
        return parse_cnpj(bare.zfill(_CNPJ_LENGTH))
    return parse_cnpj(text)


def _opening(cell: str) -> Any:
    """Return a time of day, or times by weekday.

    A part of a day, as cells without a format for times hold it, is too easily another time.
    """
    if _PART_OF_A_DAY.fullmatch(cell.strip()):
        raise BadInput(T("“{cell}” is not written as a time. Format the column as text, and type 06:00.", cell=cell))
    return read_opening(cell)


_READERS: dict[str, Callable[[str], Any]] = {
    "cnpj": _cnpj,
    "tags": split_list,
    "limit": lambda cell: read_whole(cell, "pt_BR"),
    "opening": _opening,
    "active": yes_or_no,
    "cut_over": yes_or_no,
}
