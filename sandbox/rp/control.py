"""Control routes of the ERP apart from its API: stores, products, prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from aiohttp import web

from sandbox.rp.catalogues import Catalogues
from sandbox.rp.products import ErpProduct
from sandbox.server import json_answer


class _NewStore(msgspec.Struct, forbid_unknown_fields=True):
    cnpj: str
    unit_code: str = "001"
    name: str | None = None
    size: int = 0
    discounted: int = 0
    dirty: bool = False


class _Products(msgspec.Struct, forbid_unknown_fields=True):
    """`products` are raw wire objects."""

    store: str
    products: list[dict[str, Any]]


class _Prices(msgspec.Struct, forbid_unknown_fields=True):
    """Either a factor for the whole store, or fields of `ErpProduct` for one code."""

    store: str
    factor: Decimal | None = None
    code: int | None = None
    price: Decimal | msgspec.UnsetType = msgspec.UNSET
    club_price: Decimal | msgspec.UnsetType = msgspec.UNSET
    till_price: Decimal | msgspec.UnsetType = msgspec.UNSET


class ProductControl:
    """The handlers; wrong documents raise ValueError, unknown stores and codes KeyError."""

    def __init__(self, catalogues: Catalogues) -> None:
        self._catalogues = catalogues

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the routes."""
        router.add_get("/_fake/products", self._show)
        router.add_post("/_fake/products", self._put)
        router.add_delete("/_fake/products", self._remove)
        router.add_post("/_fake/prices", self._change_prices)
        router.add_post("/_fake/stores", self._add_store)

    async def _show(self, request: web.Request) -> web.Response:
        return json_answer(self._catalogues.catalogue(request.query["store"]))

    async def _put(self, request: web.Request) -> web.Response:
        wanted = msgspec.json.decode(await request.read(), type=_Products)
        for product in wanted.products:
            self._catalogues.put(wanted.store, product)
        return json_answer({"put": len(wanted.products)})

    async def _remove(self, request: web.Request) -> web.Response:
        self._catalogues.remove(request.query["store"], request.query["code"])
        return json_answer({"removed": 1})

    async def _change_prices(self, request: web.Request) -> web.Response:
        wanted = msgspec.json.decode(await request.read(), type=_Prices)
        if wanted.factor is not None:
            self._catalogues.scale_prices(wanted.store, wanted.factor)
        if wanted.code is not None:
            known = set(ErpProduct.__slots__) - {"code"}
            fields = {name: getattr(wanted, name) for name in wanted.__struct_fields__ if name in known}
            changed = {name: value for name, value in fields.items() if value is not msgspec.UNSET}
            self._catalogues.change(wanted.store, wanted.code, **changed)
        return json_answer({"changed": wanted.store})

    async def _add_store(self, request: web.Request) -> web.Response:
        wanted = msgspec.json.decode(await request.read(), type=_NewStore)
        self._catalogues.add_store(
            wanted.cnpj,
            unit_code=wanted.unit_code,
            name=wanted.name,
            size=wanted.size,
            discounted=wanted.discounted,
        )
        if wanted.dirty:
            self._catalogues.add_dirty(wanted.cnpj)
        return json_answer({"added": wanted.cnpj})
