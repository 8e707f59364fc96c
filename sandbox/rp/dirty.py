"""Every dirty product of `protocols/rp.md` section 8, as raw wire objects with codes from 900001 on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec

from sandbox.rp.products import Wire

FIRST_DIRTY_CODE = 900_001
PLACEHOLDER = "NÃO ENCONTRADO NO RP ÁTOMO"


def dirty_rows(today: date) -> dict[str, Wire]:
    """Return the rows by what is wrong with them, on a store-local day."""
    changes = _club_prices() | _base_prices() | _offers(today) | _states() | _names() | _barcodes() | _weights()
    return {label: _row(number, change) for number, (label, change) in enumerate(changes.items())}


def _row(number: int, change: dict[str, Any]) -> Wire:
    row = {
        "Codigo": FIRST_DIRTY_CODE + number,
        "CodigoBarras": "7891000000017",
        "Descricao": f"PRODUTO SUJO {number:02}",
        "Preco": 18.9,
        "PrecoPDV": 18.9,
        "PrecoVenda2": 15.99,
        "PrecoPDV2": 15.99,
        "PrecoNormal": 18.9,
        "Oferta": "N",
        "DtIniOferta": "",
        "DataOferta": "",
        "CodigoUnidade": "001",
        "Ativo": True,
        "Bloqueado": "N",
        "Status": "NORMAL",
        "Estoque1": 42.0,
        "Balanca": "N",
        **change,
    }
    return {key: value for key, value in row.items() if value is not msgspec.UNSET}


def _club_prices() -> dict[str, dict[str, Any]]:
    values = {
        "club price 0": 0,
        "club price missing": msgspec.UNSET,
        "club price null": None,
        "club price empty": "",
        "club price text zero": "0,00",
        "club price equal to base": 18.9,
        "club price above base": 19.9,
        "club price negative": -15.99,
        "club price comma": "15,99",
        "club price currency": "R$ 15,99",
        "club price not a number": "NaN",
        "club price infinite": msgspec.Raw(b"1e999"),
        "club price half cent": 15.995,
        "club price far below base": 1.89,
    }
    return {label: {"PrecoVenda2": value, "PrecoPDV2": value} for label, value in values.items()} | {
        "base price thousands": {"Preco": "1.234,56", "PrecoPDV": "1.234,56", "PrecoVenda2": "1.034,56"}
    }


def _base_prices() -> dict[str, dict[str, Any]]:
    return {
        "base 0, till filled": {"Preco": 0, "PrecoPDV": 18.9},
        "base missing": {"Preco": msgspec.UNSET},
        "till far above base": {"Preco": 5.97, "PrecoPDV": 97.97, "PrecoVenda2": 4.97},
        "till below club price": {"Preco": 97.97, "PrecoPDV": 5.97, "PrecoVenda2": 89.9},
        "till unreadable": {"PrecoPDV": "n/d"},
        "limit negative": {"Limite": -1},
        "limit text": {"Limite": "12"},
    }


def _offers(today: date) -> dict[str, dict[str, Any]]:
    past = today - timedelta(days=900)
    return {
        "offer ended years ago": {"Oferta": "S", "DtIniOferta": f"{past:%d-%m-%Y}", "DataOferta": f"{past:%d-%m-%Y}"},
        "offer without dates": {"Oferta": "S"},
        "offer ends today": {"Oferta": "S", "DtIniOferta": f"{today:%d-%m-%Y}", "DataOferta": f"{today:%d/%m/%Y}"},
        "offer with unreadable dates": {"Oferta": "S", "DtIniOferta": "00-00-0000", "DataOferta": "amanhã"},
    }


def _states() -> dict[str, dict[str, Any]]:
    return {
        "blocked": {"Bloqueado": "S"},
        "blocked as bool": {"Bloqueado": True},
        "inactive": {"Ativo": False},
        "inactive as text": {"Ativo": "false"},
        "active as letter": {"Ativo": "S"},
        "active null": {"Ativo": None},
        "states absent": dict.fromkeys(("Ativo", "Bloqueado", "Status"), msgspec.UNSET),
        "cancelled": {"Status": "CANCELADO"},
        "blocked and cancelled": {"Bloqueado": "S", "Status": "CANCELADO", "Preco": 0},
    }


def _names() -> dict[str, dict[str, Any]]:
    names = {
        "placeholder name": PLACEHOLDER,
        "name with leading star": "*CAFE TORRADO  500G",
        "name with chat markup": "QUEIJO <b>1&2</b> _KG_ *SUPER* `PROMO`",
        "name with its code": f"BISCOITO {FIRST_DIRTY_CODE}",
        "name empty": "",
        "name null": None,
        "name with line breaks": "LEITE\r\nINTEGRAL\t1L",
    }
    return {label: {"Descricao": name} for label, name in names.items()}


def _barcodes() -> dict[str, dict[str, Any]]:
    box = {
        "codigo": 900001,
        "codigoBarras": "17891000000014",
        "numPreco": 1,
        "fatorEmbalagem": 12.0,
        "precoVenda": 0.0,
        "unidadeMedida": "CX",
        "data": "",
    }
    return {
        "no barcode": {"CodigoBarras": ""},
        "barcode absent": {"CodigoBarras": msgspec.UNSET},
        "barcode in words": {"CodigoBarras": "SEM GTIN"},
        "zero barcode": {"CodigoBarras": "0000000000000"},
        "barcode as int": {"CodigoBarras": 7891000000017},
        "box code": {"codBarrasAlterados": [box]},
    }


def _weights() -> dict[str, dict[str, Any]]:
    return {
        "by weight": {"Balanca": "P", "Preco": 39.9, "PrecoVenda2": 34.9, "PrecoVenda2UnidadeMedida": 34.905},
        "per unit price alone": {"Balanca": "P", "PrecoVenda2": 0, "PrecoVenda2UnidadeMedida": 3.495},
    }
