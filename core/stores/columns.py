"""What offices call the columns of a list of stores, and the row that names them: titles may stand above it."""

from collections.abc import Sequence
from itertools import islice

from core.forms.words import folded

_COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("nome", "name", "loja", "store", "nombre", "tienda", "filial"),
    "cnpj": ("cnpj",),
    "tags": ("etiquetas", "tags", "tag", "grupo", "grupos", "etiqueta"),
    "limit": ("limite", "limit", "limite por cliente"),
    "opening": ("abertura", "opening", "horario", "apertura", "hora"),
    "unit": ("unidade", "unit", "codigo", "unidad", "codigo erp"),
    "platform_registration": ("cadastro", "registration", "registro", "cadastro plataforma", "codigo en plataforma"),
    "timezone": ("fuso", "timezone", "zona", "fuso horario"),
    "active": ("ativa", "ativo", "active", "activa", "activo"),
    "cut_over": ("chimera envia", "chimera sends"),
}
_KEYS = frozenset({"name", "cnpj"})
"""By one of them a store is known."""
_FIELD_OF = {word: name for name, words in _COLUMNS.items() for word in words}
FIRST_ROWS = 6
"""Among so many rows with anything in them, one names the columns."""


def is_blank(row: list[str]) -> bool:
    """Tell whether nothing is written in any cell of a row."""
    return not any(cell.strip() for cell in row)


def columns_of(cells: list[str]) -> list[str | None]:
    """Return the field that each cell of a heading stands for, None for a column of which nothing is known."""
    return [_FIELD_OF.get(folded(cell).strip(" :*")) for cell in cells]


def rank(cells: list[str]) -> int:
    """Tell how surely a row is the heading: 2 with several columns that are known, 1 with the CNPJ alone, else 0.

    A title names at most one: “Loja”, or “CNPJ:” beside the company's own.
    """
    known = {field for field in columns_of(cells) if field is not None}
    if len(known) > 1 and not known.isdisjoint(_KEYS):
        return 2
    return int("cnpj" in known)


def heading_place(rows: Sequence[list[str]]) -> int | None:
    """Return which row names the columns, None when there is none near the top."""
    filled = list(islice((place for place, row in enumerate(rows) if not is_blank(row)), FIRST_ROWS))
    best = max(filled, key=lambda place: rank(rows[place]), default=None)
    return best if best is not None and rank(rows[best]) else None


def left_out(rows: Sequence[list[str]]) -> list[str]:
    """Return the headings that stand for no field: nothing below them is taken."""
    place = heading_place(rows)
    cells = [] if place is None else rows[place]
    named = zip(cells, columns_of(cells), strict=True)
    return [cell.strip() for cell, field in named if field is None and cell.strip()]
