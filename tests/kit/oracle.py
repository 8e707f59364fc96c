"""What ought to be live, worked out from the ERP's wire objects by `rules.md` 1 alone.

Shares no code with the product: a second reading of the same page, to be compared with what
the platform ends up with. Written for reading, not for speed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import msgspec

Prices = tuple[Decimal, Decimal, int]
"""Base price, final price, limit per customer."""

_YES = {"true", "s", "1"}
_NO = {"false", "n", "0", ""}


@dataclass
class Expected:
    """Lines by code, the codes rails hold before any baseline, and rejected codes by reason."""

    lines: dict[str, Prices] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    rejected: dict[str, set[str]] = field(default_factory=dict)


def expected_of(
    catalogue: Iterable[Mapping[str, Any]],
    *,
    store_limit: int | None = None,
    default_limit: int = 1000,
    last: Mapping[str, Prices] | None = None,
) -> Expected:
    """Judge every product of a store; `last` are the last verified lines, for the price change rail."""
    found = Expected()
    for product in catalogue:
        code = str(product["Codigo"]).lstrip("0")
        try:
            reason = _reject(product)
        except ValueError:
            reason = "invalid_number"
        if reason:
            found.rejected.setdefault(reason, set()).add(code)
            continue
        base, final = _cents(product["Preco"]), _cents(product["PrecoVenda2"])
        assert base is not None
        assert final is not None
        before = (last or {}).get(code)
        if hold := _hold(product, base, final, before[1] if before else None):
            found.held[code] = hold
            continue
        limit = int(_number(product.get("Limite")) or 0) or store_limit or default_limit
        found.lines[code] = (base, final, limit)
    return found


def _reject(product: Mapping[str, Any]) -> str | None:
    if "Ativo" in product and str(product["Ativo"]).lower() not in _YES:
        return "inactive"
    if product.get("Bloqueado") is not None and str(product["Bloqueado"]).lower() not in _NO:
        return "blocked"
    if str(product.get("Status") or "NORMAL").upper() != "NORMAL":
        return "cancelled"
    if "NÃO ENCONTRADO NO RP" in str(product.get("Descricao")):
        return "placeholder_name"
    base, club = _cents(product.get("Preco")), _cents(product.get("PrecoVenda2"))
    limit = _number(product.get("Limite"))
    if min(base or 0, club or 0, limit or 0) < 0:
        return "invalid_number"
    if not base:
        return "zero_price"
    if not club:
        return "no_club_price"
    return "club_not_below_base" if club >= base else None


def _hold(product: Mapping[str, Any], base: Decimal, final: Decimal, last: Decimal | None) -> str | None:
    if (base - final) / base > Decimal("0.80"):
        return "max_discount_percent"
    try:
        till = _cents(product.get("PrecoPDV")) or Decimal(0)
    except ValueError:
        till = Decimal(0)
    if 0 < till <= final:
        return "below_till"
    if last is not None and abs(final - last) / last > Decimal("0.70"):
        return "max_price_change_percent"
    return None


def _cents(value: Any) -> Decimal | None:
    number = _number(value)
    if number is None:
        return None
    try:
        return number.quantize(Decimal("0.01"), ROUND_HALF_UP)
    except InvalidOperation as error:
        raise ValueError(value) from error


def _number(value: Any) -> Decimal | None:
    """Read a number as it goes over the wire. Raises ValueError."""
    if value is None or value == "":
        return None
    if isinstance(value, msgspec.Raw):
        value = bytes(value).decode()
    text = str(value).replace("R$", "").strip()
    if "," in text:
        text = text.replace(".", "").replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(value) from error
    if not number.is_finite():
        raise ValueError(value)
    return number
