"""Names and values of product fields as the many builds of the API spell them (`rp.md` 3.3, 4).

Keys are compared without regard to case, accents and underscores; when one product carries
a field in two spellings, the documented one wins.
"""

import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from core.money import NotANumber, is_written_plainly, parse_number

CODE = "Codigo"
NAME = "Descricao"
EAN = "CodigoBarras"
ACTIVE = "Ativo"
BLOCKED = "Bloqueado"
STATUS = "Status"
LIMIT = "Limite"
TILL = "PrecoPDV"
COMMON = (CODE, NAME, EAN, ACTIVE, BLOCKED, STATUS, LIMIT, TILL)
_PRICES = (
    "Preco",
    "PrecoNormal",
    TILL,
    "Preco2",
    "PrecoVenda2",
    "PrecoPDV2",
    "PrecoVenda2UnidadeMedida",
    "PrecoPDV2UnidadeMedida",
)

_UNTIDY = ("  ", "| ", " |", "|*", "||")
"""Ends and beginnings of names, put together with `|`, that `clean_name` changes."""

MAX_LIMIT = 999_999_999
MAX_CODE = 10**18
_PER_UNIT_ENDING = "unidademedida"

_YES = frozenset({"true", "s", "sim", "1", "t", "v", "y", "yes"})
_NO = frozenset({"false", "n", "nao", "0", "f", "no", ""})
_PLACEHOLDER_WORD = "ENCONTRADO"
_UNACCENTED = "NTR"
"""The part of that word on which Portuguese sets no accents."""
_PLACEHOLDER = f"O {_PLACEHOLDER_WORD} NO RP"
"""What every spelling of the placeholder keeps, a damaged accent included."""


@lru_cache(maxsize=4096)
def fold(key: str) -> str:
    """Return the form in which keys are compared."""
    return "".join(plain(key).lower().replace("_", "").split())


def plain(text: str) -> str:
    """Return the text without accents."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def documented(name: str) -> str:
    """Return the documented spelling of a price field, or the name itself if it is unknown."""
    return next((price for price in _PRICES if fold(price) == fold(name)), name)


def is_per_unit(name: str) -> bool:
    """Tell a price per measuring unit by its field's name (`rules.md` 1.2)."""
    return fold(name).endswith(_PER_UNIT_ENDING)


def pick(item: Mapping[str, Any], wanted: Mapping[str, str]) -> dict[str, Any]:
    """Return the wanted fields of an object under their folded names.

    `wanted` maps folded names to documented ones. Of several spellings the documented one
    wins, else the first.
    """
    found: dict[str, Any] = {}
    for key, value in item.items():
        name = fold(key)
        if name in wanted and (name not in found or key == wanted[name]):
            found[name] = value
    return found


def read_code(value: Any) -> int | None:
    """Return a product code above 0, or None for anything that cannot be one."""
    try:
        number = read_number(value)
    except NotANumber:
        return None
    if number is None or not 0 < number < MAX_CODE or number != number.to_integral_value():
        return None
    return int(number)


def read_number(value: Any) -> Decimal | None:
    """Return an exact finite number; None for null and empty text. Raises NotANumber."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise NotANumber(type(value).__name__)
    return parse_number(_as_decimal(value) if isinstance(value, str) else value)


def _as_decimal(text: str) -> Decimal | str:
    """Read what the strict decoder reads too, so that both ways agree on quoted numbers."""
    try:
        return Decimal(text) if is_written_plainly(text) else text
    except InvalidOperation:
        return text


def read_limit(value: Any) -> int | None:
    """Return whole pieces per customer; None when the ERP sets no limit. Raises NotANumber."""
    number = read_number(value)
    if not number:
        return None
    if not 0 < number <= MAX_LIMIT or number != number.to_integral_value():
        raise NotANumber("limit")
    return int(number)


def is_active(value: Any) -> bool:
    """Read a present `Ativo`; null, empty and what is not understood are not active."""
    return _word(value) in _YES


def is_blocked(value: Any) -> bool:
    """Read a present `Bloqueado`; null is not blocked, what is not understood is."""
    return value is not None and _word(value) not in _NO


def is_sellable(value: Any) -> bool:
    """Read a present `Status`: only NORMAL and empty are sellable."""
    return value is None or _word(value) in {"normal", ""}


def may_be_placeholder(text: str) -> bool:
    """Tell cheaply whether the placeholder can be in one name, or in many joined by line breaks."""
    return (_PLACEHOLDER_WORD if text.isascii() else _UNACCENTED) in text.upper()


def is_placeholder(name: str) -> bool:
    """Tell the ERP's 'not found in RP ÁTOMO' from a product's name, in any case and accent."""
    return may_be_placeholder(name) and _PLACEHOLDER in " ".join(plain(name).upper().split())


def are_tidy(names: list[str]) -> bool:
    """Tell cheaply whether `clean_name` leaves all these names alone, but for a code at the end."""
    text = f"|{'|'.join(names)}|"
    return text.isprintable() and not any(untidy in text for untidy in _UNTIDY)


def clean_name(name: str, code: str) -> str:
    """Return a name fit for people: single spaces, no leading `*`, not its own code at the end."""
    if not name.isprintable():
        name = "".join(c if c.isprintable() else " " for c in name)
    elif not ("  " in name or name[:1] in "* " or name.endswith((" ", code))):
        return name
    words = name.lstrip("* ").split()
    if len(words) > 1 and words[-1].endswith(code) and words[-1].lstrip("0") == code:
        del words[-1]
    return " ".join(words)


def clean_names(names: list[str], codes: list[str]) -> list[str]:
    """Return what `clean_name` makes of each; names that need nothing are only looked at as a whole."""
    tidy = are_tidy(names)
    return [
        name if tidy and not name.endswith(code) else clean_name(name, code)
        for name, code in zip(names, codes, strict=True)
    ]


def read_name(value: Any) -> str:
    """Return a name as the ERP wrote it; anything but text or a number is no name."""
    return str(value) if isinstance(value, str | int) else ""


def clean_ean(value: Any) -> str:
    """Return the barcode's digits, or nothing for `SEM GTIN`, zeros and the like."""
    if type(value) is str and value.isdigit() and value.isascii() and value[0] != "0":
        return value
    text = str(value).strip() if isinstance(value, str | int) else ""
    return text if text.isascii() and text.isdigit() and text.strip("0") else ""


def clean_eans(values: list[Any]) -> list[str]:
    """Return what `clean_ean` makes of each; plain barcodes are only looked at as a whole."""
    if values and all(type(value) is str for value in values):
        text = "".join(values)
        if text.isdigit() and text.isascii() and min(values) >= "1":
            return values
    return list(map(clean_ean, values))


def _word(value: Any) -> str:
    return plain(value if isinstance(value, str) else str(value)).strip().lower()
