"""An ERP's catalogue as bytes (`protocols/rp.md` 3): encoded once, so that serving costs nothing."""

import json
from bisect import bisect_right
from functools import lru_cache
from typing import Any

from core.cnpj import check_digits

VARIANTS = 10
"""Stores share so many different catalogues."""

_NAMES = ("ARROZ TIPO 1 5KG", "FEIJAO CARIOCA 1KG", "CAFE TORRADO 500G", "LEITE INTEGRAL 1L", "ACUCAR REFINADO 1KG")
_HEAD = '{"response":{"status":"ok","appVersion":"5.0.6.117","messages":[{"message":"Dados carregados"}],"produtos":['
_ODD = 2654435761


def store_cnpj(number: int) -> str:
    """Return an invented CNPJ: that of the first store is 11222333000181."""
    base = f"11222333{number:04}"
    return base + check_digits(base)


def store_number(cnpj: str) -> int:
    return int(cnpj[8:12])


class Catalogue:
    """The products of one store: codes 1 to `products`, `discounted` of them evenly spread."""

    def __init__(self, variant: int, products: int, discounted: int) -> None:
        codes = range(1, products + 1)
        cheaper = {code for code in codes if code * discounted // products > (code - 1) * discounted // products}
        self._all = {code: _encode(_product(code, variant, cheaper=code in cheaper)) for code in codes}
        self._discounted = {code: self._all[code] for code in sorted(cheaper)}
        self.page = lru_cache(maxsize=None)(self._page)

    def _page(self, cursor: int, limit: int, *, only_second_price: bool) -> bytes:
        """Return the answer after code `cursor`, complete with its envelope."""
        items = self._discounted if only_second_price else self._all
        codes = list(items)
        first = bisect_right(codes, cursor)
        body = ",".join(items[code] for code in codes[first : first + limit])
        return f"{_HEAD}{body}]}}}}".encode()


def _product(code: int, variant: int, *, cheaper: bool) -> dict[str, Any]:
    """Return one product of the short field set, as documented."""
    mixed = (code * _ODD + variant * 40503) & 0xFFFFFFFF
    price = round(1 + mixed % 20000 / 100, 2)
    club = round(price * 0.85, 2) if cheaper else 0
    return {
        "Codigo": code,
        "CodigoBarras": f"789{mixed:010d}",
        "Descricao": f"{_NAMES[mixed % len(_NAMES)]} MARCA {mixed % 997}",
        "Preco": price,
        "PrecoPDV": price,
        "PrecoVenda2": club,
        "PrecoPDV2": club,
        "PrecoNormal": price,
        "Oferta": "N",
        "DtIniOferta": "",
        "DataOferta": "",
        "CodigoUnidade": "001",
        "Ativo": True,
        "Bloqueado": "N",
        "Status": "NORMAL",
        "Estoque1": mixed % 500 / 10,
        "Balanca": "N",
        "DataHoraManutencao": "23/11/2026 04:11:09.120",
    }


def _encode(product: dict[str, Any]) -> str:
    return json.dumps(product, separators=(",", ":"))
