"""One store's catalogue: seeded products, changes laid over them, and the views a scan walks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.rp.assortment import StorePrices
from sandbox.rp.products import ErpProduct, Form, Wire, wire_product

CLUB_KEYS = ("PrecoVenda2", "Preco2", "PrecoPDV2", "PrecoVenda2UnidadeMedida", "PrecoPDV2UnidadeMedida")
NO_PRICE = (None, "", 0, "0", "0,00", "0.00")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list request leaves out. changed_since is a São Paulo time."""

    active: bool = False
    marked: bool = False
    second_price: bool = False
    changed_since: datetime | None = None


EVERYTHING = Filter()


def scale_raw(wire: Wire, factor: Decimal) -> Wire:
    """Multiply the readable prices of a raw wire object."""
    scaled = dict(wire)
    for key, value in wire.items():
        if key.startswith("Preco") and isinstance(value, int | float) and not isinstance(value, bool):
            scaled[key] = float(Decimal(str(value)) * factor)
    return scaled


def scale_product(product: ErpProduct, factor: Decimal) -> ErpProduct:
    """Multiply every price of a product."""
    names = ("price", "club_price", "till_price", "till_club_price", "regular_price", "club_price_per_unit")
    prices = {name: getattr(product, name) for name in names}
    return replace(product, **{name: p * factor for name, p in prices.items() if p is not None})


def code_of(wire: Wire) -> int:
    """Return the place of a raw wire object in the order of codes. Raises ValueError without a code."""
    code = wire.get("Codigo", wire.get("codigo"))
    try:
        return int(str(code))
    except ValueError:
        raise ValueError("a raw product without a readable Codigo needs its place: put(..., at=code)") from None


@dataclass(slots=True)
class ErpStore:
    """A store of the ERP and its catalogue. `version` grows with every change."""

    cnpj: str
    unit_code: str
    name: str
    seeded: StorePrices
    loaded_at: datetime
    version: int = 0
    _own: dict[int, ErpProduct | Wire] = field(default_factory=dict)
    _removed: set[int] = field(default_factory=set)
    _touched: dict[int, datetime] = field(default_factory=dict)
    _views: dict[Filter, Sequence[int]] = field(default_factory=dict)

    def put(self, product: ErpProduct | Wire, moment: datetime, at: int | None = None) -> None:
        """Add or replace a product; `at` places a raw object in the order of codes."""
        code = at
        if code is None:
            code = product.code if isinstance(product, ErpProduct) else code_of(product)
        self._own[code] = product
        self._removed.discard(code)
        self._touch(code, moment)

    def remove(self, code: int, moment: datetime) -> None:
        """Take a product out. Raises KeyError when there is none."""
        if self.find(code) is None:
            raise KeyError(f"no product {code} in {self.cnpj}")
        self._own.pop(code, None)
        self._removed.add(code)
        self._touch(code, moment)

    def change(self, code: int, moment: datetime, fields: dict[str, Any]) -> None:
        """Change some of a product's fields. Raises KeyError when there is no such (not raw) product."""
        product = self.find(code)
        if not isinstance(product, ErpProduct):
            raise KeyError(f"no product {code} in {self.cnpj}")
        self.put(replace(product, **fields), moment)

    def scale_prices(self, factor: Decimal, moment: datetime) -> None:
        """Multiply every price of the store."""
        self.seeded.scale(factor)
        for code, product in self._own.items():
            if isinstance(product, dict):
                self._own[code] = scale_raw(product, factor)
            else:
                self._own[code] = scale_product(product, factor)
        self.loaded_at = moment
        self._touched.clear()
        self._changed()

    def _touch(self, code: int, moment: datetime) -> None:
        self._touched[code] = moment
        self._changed()

    def _changed(self) -> None:
        self.version += 1
        self._views.clear()

    def find(self, code: int) -> ErpProduct | Wire | None:
        """Return the product with a code, or None."""
        if code in self._own:
            return self._own[code]
        index = self._seeded_index(code)
        return None if index is None or code in self._removed else self.seeded.product(index)

    def _seeded_index(self, code: int) -> int | None:
        codes, size = self.seeded.assortment.codes, len(self.seeded)
        index = bisect_right(codes, code, 0, size) - 1
        return index if index >= 0 and codes[index] == code else None

    def view(self, wanted: Filter) -> Sequence[int]:
        """Return the codes a filter lets through, ascending."""
        if wanted not in self._views:
            self._views[wanted] = self._select(wanted)
        return self._views[wanted]

    def _select(self, wanted: Filter) -> Sequence[int]:
        seeded, codes = self.seeded, self.seeded.assortment.codes[: len(self.seeded)]
        if wanted == EVERYTHING and not self._own and not self._removed:
            return codes
        chosen = [
            code
            for index, code in enumerate(codes)
            if code not in self._own
            and code not in self._removed
            and (not wanted.second_price or seeded.club[index])
            and (not wanted.active or seeded.active(index))
            and not wanted.marked
            and self._is_recent(code, wanted)
        ]
        own = [code for code, product in self._own.items() if self._passes(code, product, wanted)]
        return sorted(chosen + own) if own else chosen

    def _is_recent(self, code: int, wanted: Filter) -> bool:
        return wanted.changed_since is None or self.changed_at(code) > wanted.changed_since

    def _passes(self, code: int, product: ErpProduct | Wire, wanted: Filter) -> bool:
        if isinstance(product, ErpProduct):
            club, active, marked = product.club_price > 0, product.active, product.marked
        else:
            club = any(product.get(key) not in NO_PRICE for key in CLUB_KEYS)
            active, marked = product.get("Ativo", True) not in (False, "N", "false"), bool(product.get("Marcado"))
        return (
            (club or not wanted.second_price)
            and (active or not wanted.active)
            and (marked or not wanted.marked)
            and self._is_recent(code, wanted)
        )

    def changed_at(self, code: int) -> datetime:
        """Return when a product was last changed, in São Paulo time."""
        return self._touched.get(code, self.loaded_at)

    def wire(self, code: int, form: Form) -> Wire:
        """Return a product's wire object. Raises KeyError when there is none."""
        product = self.find(code)
        if product is None:
            raise KeyError(f"no product {code} in {self.cnpj}")
        if isinstance(product, dict):
            return product
        return wire_product(product, form, self.changed_at(code))

    def by_barcode(self, barcode: str) -> int | None:
        """Return the code of the product with a barcode."""
        for code in self.view(EVERYTHING):
            product = self.find(code)
            held = product.get("CodigoBarras") if isinstance(product, dict) else product and product.barcode
            if held and str(held).lstrip("0") == barcode.lstrip("0"):
                return code
        return None


def as_money(value: object) -> Decimal:
    """Read an amount given as text or number. Raises ValueError."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"not an amount: {value!r}") from None
