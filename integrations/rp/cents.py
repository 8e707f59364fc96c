"""Prices of a page, to the cent: exact from decimals, and as exact from floats where that is sure.

A float keeps what any decimal of up to 15 digits said. So its shortest text, rounded to
cents, is what the ERP's own text rounds to, with one exception: where that shortest text
lies on half a cent, the ERP's may have been a hair less. Such a price is `Inexact`.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

from core.money import CENT

_HALF_CENT = Decimal("0.005")
_MOST = 10**12
"""Rounding cannot fail below this, and a float has digits to spare for the cents."""
_REMEMBERED = 50_000


class Inexact(ValueError):
    """A price of which a float does not tell to which cent it rounds."""


class Prices(Protocol):
    """One way to decode prices. Above `least` none rounds to zero, below `most` all can be rounded."""

    least: Any
    most: Any

    @property
    def kind(self) -> type[Decimal] | type[float]:
        """What prices are decoded as."""
        ...

    def cents(self, price: Any) -> Decimal:
        """Round half-up to two places. Raises Inexact."""
        ...

    def exact(self, price: Any) -> Decimal:
        """Return a number that rounds to the same cents as the ERP's text. Raises Inexact."""
        ...


class DecimalPrices:
    """Prices as the ERP wrote them."""

    kind = Decimal
    least, most = _HALF_CENT, Decimal(_MOST)

    def cents(self, price: Decimal) -> Decimal:
        return price.quantize(CENT, ROUND_HALF_UP)

    def exact(self, price: Decimal) -> Decimal:
        return price


class FloatPrices:
    """Prices as floats; the cents of each are worked out once, as prices repeat."""

    kind = float
    least, most = float(_HALF_CENT), float(_MOST)

    def __init__(self) -> None:
        self.cents = _Cents(self).__getitem__

    def exact(self, price: float) -> Decimal:
        if not -self.most < price < self.most:
            raise Inexact(price)
        number = Decimal(repr(price))
        if abs(number - number.quantize(CENT, ROUND_HALF_UP)) == _HALF_CENT:
            raise Inexact(price)
        return number


class _Cents(dict[float, Decimal]):
    """Floats and their cents, found out when first asked for."""

    def __init__(self, prices: FloatPrices) -> None:
        super().__init__()
        self._exact = prices.exact

    def __missing__(self, price: float) -> Decimal:
        if len(self) >= _REMEMBERED:
            self.clear()
        cents = self[price] = self._exact(price).quantize(CENT, ROUND_HALF_UP)
        return cents
