"""The smaller endpoints of `protocols/rp.md` section 6: units, departments, barcodes, offers, deleted products."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.rp.catalogues import Catalogues
from sandbox.rp.options import RpOptions
from sandbox.rp.products import ErpProduct, Form, Wire, parse_version
from sandbox.rp.shapes import LOADED, bend_items, encode_page, envelope, error_envelope, page_answer
from sandbox.rp.store import ErpStore, Filter

LIST_IN_CONTENT = (1, 6)
DEPARTMENTS = (
    "MERCEARIA", "BEBIDAS", "LIMPEZA", "HIGIENE", "FRIOS", "AÇOUGUE", "HORTIFRUTI", "PADARIA", "LATICÍNIOS",
    "CONGELADOS", "BAZAR", "PET",
)  # fmt: skip


def units_document(stores: Iterable[ErpStore], version: str, options: RpOptions) -> dict[str, Any]:
    """Answer `unidades`: v1.6 has lower-case keys under `content`, older ones Pascal case under `unidades`."""
    if parse_version(version) >= LIST_IN_CONTENT:
        units = [
            {
                "codigo": store.unit_code,
                "nome": store.name,
                "cnpj": store.cnpj,
                "nomeReduzido": store.name[:12],
                "identAtividade": "1",
            }
            for store in stores
        ]
        return {"response": envelope(options, [LOADED], content=units)}
    old = [
        {"Codigo": store.unit_code, "Nome": store.name, "CNPJ": store.cnpj, "Municipio": "CIDADE EXEMPLO"}
        for store in stores
    ]
    return {"response": envelope(options, [LOADED], new=False, unidades=old)}


def departments_document(version: str, options: RpOptions) -> dict[str, Any]:
    """Answer `departamentos`: v1.0 names the list after itself."""
    rows = [{"codigo": str(number), "descricao": name} for number, name in enumerate(DEPARTMENTS, 1)]
    if version == "v1.0":
        return {"response": envelope(options, [LOADED], departamentos=rows)}
    return {"response": envelope(options, [LOADED], content=rows)}


def barcode_document(store: ErpStore, barcode: str, version: str, options: RpOptions) -> dict[str, Any]:
    """Answer `consultarcodigobarras` with one object, or the error of a product that is not there."""
    code = store.by_barcode(barcode)
    if code is None:
        text = f"O produto {barcode} da unidade {store.cnpj} não foi encontrado na base de dados"
        return error_envelope(options, text)
    form = Form(parse_version(version), detailed=True, unit_code=store.unit_code, options=options)
    product = bend_items([store.wire(code, form)], options)[0]
    return {"response": envelope(options, [LOADED], produto=product)}


def offers_document(store: ErpStore, cursor: int, limit: int, options: RpOptions) -> dict[str, Any]:
    """Answer `ofertas`: the one place with a lower-case `preco2`; raw products do not appear."""
    view = store.view(Filter(second_price=True))
    found = (store.find(code) for code in view if code > cursor)
    rows = [_offer(product) for product in found if isinstance(product, ErpProduct)]
    return {"response": envelope(options, [LOADED], content=bend_items(rows[:limit], options))}


def _offer(product: ErpProduct) -> Wire:
    return {
        "codigoProduto": product.code,
        "nomeProduto": product.name,
        "marca": "",
        "precoAnterior": float(product.price if product.regular_price is None else product.regular_price),
        "precoAtual": float(product.price),
        "preco2": float(product.club_price),
        **{f"preco{number}": 0.0 for number in (3, 4, 5)},
        "codigoBarras": product.barcode,
        "codigosAlternativos": [],
        "caminhoImagem": "",
    }


def deleted_document(
    deleted: Iterable[tuple[int, datetime]], cursor: int, since: datetime, options: RpOptions
) -> dict[str, Any]:
    """Answer `excluidos`: products removed since a São Paulo day, above a cursor, with the accented key."""
    rows = [
        {
            "codigoProduto": code,
            "codigoBarras": "",
            "dataExclusao": f"{moment:%d/%m/%Y %H:%M:%S}",
            "usuarioExclusão": "100001",
        }
        for code, moment in sorted(deleted)
        if code > cursor and moment >= since
    ]
    return {"response": envelope(options, [LOADED], excluidos=rows)}


class Lookups:
    """The handlers of these endpoints over one ERP's catalogues."""

    def __init__(self, catalogues: Catalogues) -> None:
        self._catalogues = catalogues

    @property
    def _options(self) -> RpOptions:
        return self._catalogues.options

    def _answer(self, document: dict[str, Any]) -> web.Response:
        return page_answer(encode_page(document, self._options), self._options)

    def unknown_unit(self) -> web.Response:
        """Answer for a store this ERP does not have."""
        answer = self._answer(error_envelope(self._options, "Unidade não encontrada"))
        answer.set_status(self._options.unknown_unit_status)
        return answer

    async def units(self, request: web.Request) -> web.Response:
        """List the stores, or the one named in the path."""
        stores: list[ErpStore] = list(self._catalogues.stores())
        if "unit" in request.match_info:
            store = self._catalogues.find_store(request.match_info["unit"])
            if store is None:
                return self.unknown_unit()
            stores = [store]
        return self._answer(units_document(stores, request.match_info["version"], self._options))

    async def departments(self, request: web.Request) -> web.Response:
        """List the departments."""
        return self._answer(departments_document(request.match_info["version"], self._options))

    async def barcode(self, request: web.Request) -> web.Response:
        """Find one product by barcode."""
        store = self._catalogues.find_store(request.match_info["unit"])
        if store is None:
            return self.unknown_unit()
        barcode, version = request.match_info["barcode"], request.match_info["version"]
        return self._answer(barcode_document(store, barcode, version, self._options))

    async def offers(self, request: web.Request) -> web.Response:
        """List a store's offers; the unit is a code here, so both ways count."""
        wanted = request.query.get("unidade", "")
        codes = {store.unit_code: store for store in self._catalogues.stores()}
        store = self._catalogues.find_store(wanted) or codes.get(wanted)
        if store is None:
            return self.unknown_unit()
        cursor, limit = int(request.query.get("lastId", "0")), int(request.query.get("limit", "100"))
        return self._answer(offers_document(store, cursor, limit, self._options))

    async def deleted(self, request: web.Request) -> web.Response:
        """List the products taken out since a day."""
        try:
            # A São Paulo day, compared with São Paulo times that have no offset either.
            since = datetime.strptime(request.match_info["day"], "%d-%m-%Y")  # noqa: DTZ007
        except ValueError:
            return self._answer(error_envelope(self._options, "Exception: Unparseable date"))
        cursor = int(request.match_info["last"])
        return self._answer(deleted_document(self._catalogues.deleted(), cursor, since, self._options))
