"""Names and values of a line on the wire (`protocols/crescevendas.md` 2.1 and 3)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from core.money import NotANumber, parse_number, to_cents

LINES = ("discount_store_lines", "discounts")
"""Keys of a list of lines."""
LARGEST = 10**12
"""No limit or numeric code is beyond this; 1e999999999 must not become a number of that many digits."""
STARTS = ("start_at", "start_date")
ENDS = ("expire_at", "end_date")

_SHORT = {"code": "code", "price": "price", "final_price": "final_price", "limit": "limit"}
_LONG = {
    "code": "product_code",
    "price": "original_price",
    "final_price": "discount_price",
    "limit": "quantity_limit",
}


class Names(NamedTuple):
    """For each value of a line, the keys it may stand under; the first that is present counts."""

    code: tuple[str, ...]
    price: tuple[str, ...]
    final_price: tuple[str, ...]
    limit: tuple[str, ...]

    @classmethod
    def accepted(cls, configured: Mapping[str, str]) -> "Names":
        """Return the configured names, then those of both known variants."""
        variants = (configured, _SHORT, _LONG)
        return cls(*(tuple(dict.fromkeys(form[value] for form in variants)) for value in cls._fields))


def pick(node: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    """Return the value of the first key that is present, None without any."""
    for key in keys:
        if key in node:
            return node[key]
    return None


def read_code(value: Any) -> str | None:
    """Return a code as text without leading zeros, None for what is no code, nor fit to be kept and shown."""
    if isinstance(value, Decimal):
        value = _whole(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return (text.lstrip("0") or "0") if text and text.isprintable() else None


def read_price(value: Any) -> Decimal | None:
    """Return a price to the cent, None for what is no number."""
    number = _number(value)
    try:
        return None if number is None else to_cents(number)
    except NotANumber:
        return None


def read_limit(value: Any) -> int | None:
    """Return whole pieces, None for what is no whole number."""
    number = _number(value)
    return None if number is None else _whole(number)


def _whole(number: Decimal) -> int | None:
    if not number.is_finite() or not -LARGEST <= number <= LARGEST:
        return None
    return int(number) if number == number.to_integral_value() else None


def _number(value: Any) -> Decimal | None:
    if not isinstance(value, Decimal | int | str) or isinstance(value, bool):
        return None
    try:
        return parse_number(value)
    except NotANumber:
        return None
