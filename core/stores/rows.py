"""From rows of a spreadsheet to stores: columns by their usual names, cells mended or refused with their row."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.cnpj import bare_cnpj, parse_cnpj
from core.errors import BadInput
from core.forms.moments import read_time
from core.forms.numbers import read_whole
from core.forms.parsing import split_list
from core.forms.words import folded, plain, yes_or_no
from core.stores.sheets import is_blank
from core.texts import T, Text

TEMPLATE = T("name; cnpj; tags; limit; opening; unit; registration; active; chimera sends")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("nome", "name", "loja", "store", "nombre", "tienda", "filial"),
    "cnpj": ("cnpj",),
    "tags": ("etiquetas", "tags", "tag", "grupo", "grupos", "etiqueta"),
    "limit": ("limite", "limit", "limite por cliente"),
    "opening": ("abertura", "opening", "horario", "apertura", "hora"),
    "unit": ("unidade", "unit", "codigo", "unidad", "codigo erp"),
    "platform_registration": ("cadastro", "registration", "registro", "cadastro plataforma"),
    "timezone": ("fuso", "timezone", "zona", "fuso horario"),
    "active": ("ativa", "ativo", "active", "activa", "activo"),
    "cut_over": ("chimera envia", "chimera sends"),
}
_FIELD_OF = {word: name for name, words in _COLUMNS.items() for word in words}
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")
_TITLES = 6
"""So far down the row that names the columns is looked for."""
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
    filled = [(number, cells) for number, cells in enumerate(rows, start=1) if not is_blank(cells)]
    above = next((place for place, (_, cells) in enumerate(filled[:_TITLES]) if _names_columns(cells)), None)
    if above is None:
        raise BadInput(
            T("The first row must name the columns, among them name and cnpj, as in: {template}", template=TEMPLATE)
        )
    head, *filled = filled[above:]
    columns = _columns(head[1])
    known = [column for column in columns if column is not None]
    twice = [
        cell for cell, column in zip(head[1], columns, strict=True) if column is not None and known.count(column) > 1
    ]
    if twice:
        raise BadInput(T("Several columns say the same: {columns}. Keep one of them.", columns=twice))
    read = [_row(number, columns, cells) for number, cells in filled]
    _refuse_twins(read)
    return read


def _columns(cells: list[str]) -> list[str | None]:
    return [_FIELD_OF.get(folded(cell).strip(" :*")) for cell in cells]


def _names_columns(cells: list[str]) -> bool:
    """Tell whether a row is the heading: a title such as “Lojas” names no column, and “Loja” alone only one."""
    columns = _columns(cells)
    return "cnpj" in columns or ("name" in columns and sum(not is_blank([cell]) for cell in cells) > 1)


def _row(number: int, columns: list[str | None], cells: list[str]) -> SheetRow:
    row = SheetRow(number, {})
    for name, cell in zip(columns, cells, strict=False):
        if name is None or not cell.strip():
            continue
        try:
            row.fields[name] = _READERS.get(name, plain)(cell)
        except BadInput as error:
            row.problems.append(error.text)
    if "name" not in row.fields and "cnpj" not in row.fields and not row.problems:
        row.problems.append(T("Neither name nor CNPJ is there."))
    return row


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


_READERS: dict[str, Callable[[str], Any]] = {
    "cnpj": _cnpj,
    "tags": split_list,
    "limit": lambda cell: read_whole(cell, "pt_BR"),
    "opening": lambda cell: read_time(cell).isoformat("minutes"),
    "active": yes_or_no,
    "cut_over": yes_or_no,
}
