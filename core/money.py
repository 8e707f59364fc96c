"""Money and other numbers as they stand on the wire (`rules.md` 1.3, `protocols/rp.md` 4.3).

Money is `Decimal` with two places, rounded half-up; a float never takes part.
"""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

CENT = Decimal("0.01")
_BRAZILIAN = re.compile(r"-?\d{1,3}(\.\d{3})*,\d+|-?\d+,\d+", re.ASCII)
_PLAIN = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
_MAX_DIGITS = 32
_WHOLE_MOST = 10**10
MOST = Decimal(_WHOLE_MOST)
"""No price is as high: every database takes what is below, and rounding cannot fail."""
_MOST_TEXTS = 65_536


class NotANumber(ValueError):
    """The text is no number in any accepted form, or not finite."""


def to_cents(value: Decimal) -> Decimal:
    """Round to two places half-up. Raises NotANumber for what is not finite or absurdly large."""
    if not value.is_finite() or value.adjusted() > _MAX_DIGITS:
        raise NotANumber(str(value))
    try:
        return value.quantize(CENT, ROUND_HALF_UP)
    except InvalidOperation as error:
        raise NotANumber(str(value)) from error


class Cents(dict[str | bytes, Decimal | str]):
    """Prices by their text on the wire, rounded to cents; each text is read once, as prices repeat.

    Its `__getitem__` is fit to be msgspec's `float_hook`: no float is ever made. A negative or
    enormous number stays text, for whoever judges it by the full rules. Texts that are no
    number raise InvalidOperation.
    """

    def __missing__(self, wire: str | bytes) -> Decimal | str:
        if len(self) >= _MOST_TEXTS:
            self.clear()
        text = wire if isinstance(wire, str) else wire.decode()
        number = Decimal(text)
        cents = number.quantize(CENT, ROUND_HALF_UP) if abs(number) < MOST else number
        self[wire] = read = cents if 0 <= cents < MOST else text
        return read

    def of(self, value: object) -> Decimal | None:
        """Return a decoded value (a number, or one in quotes) in cents, None for anything else."""
        if type(value) is int and 0 <= value < _WHOLE_MOST:
            value = str(value)
        if type(value) is str and not is_written_plainly(value):
            return None
        try:
            read = self[value] if isinstance(value, str | bytes) else value
        except InvalidOperation:
            return None
        return read if type(read) is Decimal else None


def is_written_plainly(text: str) -> bool:
    """Tell a number that may be one from what only Python takes for one: `1_0`, digits of other scripts."""
    return text.isascii() and "_" not in text


def parse_number(value: Decimal | int | str) -> Decimal:
    """Read `8.90`, `"8,90"`, `"1.234,56"`, `"R$ 8,90"` into an exact Decimal.

    Empty text is no number: callers decide what absence means. Raises NotANumber.
    """
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        number = Decimal(value)
        if not number.is_finite() or number.adjusted() > _MAX_DIGITS:
            raise NotANumber(str(value))
        return number
    text = str(value).replace("R$", "").replace("\u00a0", " ").strip()
    if len(text) > _MAX_DIGITS:
        raise NotANumber(text[:_MAX_DIGITS])
    if _BRAZILIAN.fullmatch(text):
        return Decimal(text.replace(".", "").replace(",", "."))
    if _PLAIN.fullmatch(text):
        return parse_number(Decimal(text))
    raise NotANumber(text)
