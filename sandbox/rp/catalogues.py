"""Every store's catalogue, and the Python API that changes them; no HTTP here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.rp.assortment import Assortment
from sandbox.rp.dirty import dirty_rows
from sandbox.rp.options import RpOptions
from sandbox.rp.products import ErpProduct, Form, Wire, parse_version
from sandbox.rp.store import EVERYTHING, ErpStore, as_money


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a store was added, to build it again."""

    unit_code: str
    name: str
    size: int
    discounted: int


class Catalogues:
    """The stores of one ERP. Stores are named by CNPJ, products by their code."""

    def __init__(self, seed: int) -> None:
        self.options = RpOptions()
        self._assortment = Assortment(seed)
        self._plans: dict[str, _Plan] = {}
        self._stores: dict[str, ErpStore] = {}
        self._deleted: dict[str, dict[int, datetime]] = {}

    def local_now(self) -> datetime:
        """Return the time as the ERP prints it: São Paulo, without an offset."""
        raise NotImplementedError

    def add_store(
        self, cnpj: str, *, unit_code: str = "001", size: int = 0, discounted: int = 0, name: str | None = None
    ) -> None:
        """Add a store, or make it anew: `size` products of which exactly `discounted` have a club price."""
        self._plans[cnpj] = _Plan(unit_code, name or f"LOJA {unit_code}", size, discounted)
        self._build(cnpj)

    def _build(self, cnpj: str) -> None:
        plan = self._plans[cnpj]
        old = self._stores.get(cnpj)
        prices = self._assortment.prices(cnpj, plan.size, plan.discounted)
        version = 0 if old is None else old.version + 1
        self._stores[cnpj] = ErpStore(cnpj, plan.unit_code, plan.name, prices, self.local_now(), version)
        self._deleted[cnpj] = {}

    def rebuild(self) -> None:
        """Undo every change to the catalogues; stores stay."""
        for cnpj in self._plans:
            self._build(cnpj)

    def store(self, cnpj: str) -> ErpStore:
        """Return a store. Raises KeyError for an unknown CNPJ."""
        return self._stores[cnpj]

    def stores(self) -> Iterator[ErpStore]:
        """Return the stores in the order they were added."""
        return iter(self._stores.values())

    def find_store(self, unit: str) -> ErpStore | None:
        """Return the store a client means: by CNPJ or, when switched on, by unit code."""
        found = self._stores.get(unit)
        if found is None and unit and self.options.unit_by_code:
            return {s.unit_code.lstrip("0"): s for s in self.stores()}.get(unit.lstrip("0"))
        return found

    def put(self, cnpj: str, product: ErpProduct | Wire, *, at: int | None = None) -> None:
        """Add or replace a product; a dict goes out exactly as it is (`msgspec.Raw` values too).

        `at` places a raw object in the order of codes, for one without a readable `Codigo` or for a
        second copy of a code. Raises ValueError when it is needed and missing.
        """
        self.store(cnpj).put(product, self.local_now(), at)

    def remove(self, cnpj: str, code: int | str) -> None:
        """Take a product out of a store. Raises KeyError when it has none."""
        self.store(cnpj).remove(int(code), self.local_now())
        self._deleted[cnpj][int(code)] = self.local_now()

    def deleted(self) -> Iterator[tuple[int, datetime]]:
        """Return the codes taken out anywhere, each with its São Paulo time."""
        return (pair for removed in self._deleted.values() for pair in removed.items())

    def change(self, cnpj: str, code: int | str, **fields: Any) -> None:
        """Change fields of `ErpProduct` on a product that is not raw. Raises KeyError when there is none."""
        self.store(cnpj).change(int(code), self.local_now(), fields)

    def catalogue(self, cnpj: str, *, version: str = "v3.2", detailed: bool = False) -> list[Wire]:
        """Return every wire object of a store, before the switches that bend whole bodies."""
        store = self.store(cnpj)
        form = Form(parse_version(version), detailed, store.unit_code, self.options)
        return [store.wire(code, form) for code in store.view(EVERYTHING)]

    def add_dirty(self, cnpj: str) -> dict[str, int]:
        """Add every dirty product of section 8; returns what is wrong with it -> code."""
        rows = dirty_rows(self.local_now().date())
        for row in rows.values():
            self.put(cnpj, row)
        return {label: int(row["Codigo"]) for label, row in rows.items()}

    def scale_prices(self, cnpj: str, factor: Decimal | float) -> None:
        """Multiply every price of a store, as a misplaced decimal point does."""
        self.store(cnpj).scale_prices(as_money(factor), self.local_now())

    def describe_stores(self) -> list[dict[str, Any]]:
        """Return what the control route shows of the stores."""
        return [
            {
                "cnpj": store.cnpj,
                "unit_code": store.unit_code,
                "name": store.name,
                "products": len(store.view(EVERYTHING)),
                "version": store.version,
            }
            for store in self.stores()
        ]
