"""One product of the ERP and its objects on the wire (`protocols/rp.md` 3 and 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.rp.options import RpOptions

Wire = dict[str, Any]
# Versions up to this one send a boolean `Bloqueado`, one `Estoque` and a numeric department.
OLD_VERSION = (2, 0)


@dataclass(slots=True, kw_only=True)
class ErpProduct:
    """A product as the ERP keeps it for one store. Prices in reais, two places; a price of 0 is none.

    till_price and till_club_price: what the till charges; None means the same as the store's price.
    regular_price: the price outside of a running offer; None means `price`.
    limit goes out only while `with_limite` is on. `offer`, `blocked` and the like are as on the wire's side.
    """

    code: int
    price: Decimal
    name: str = "PRODUTO"
    club_price: Decimal = Decimal(0)
    till_price: Decimal | None = None
    till_club_price: Decimal | None = None
    regular_price: Decimal | None = None
    club_price_per_unit: Decimal | None = None
    barcode: str = ""
    active: bool = True
    blocked: bool = False
    status: str = "NORMAL"
    offer: bool = False
    offer_start: str = ""
    offer_end: str = ""
    stock: Decimal = Decimal(0)
    scale: str = "N"
    department: str = "1"
    marked: bool = False
    limit: int = 0


def _number(value: Decimal | None, default: Decimal) -> float:
    # The ERP is written with doubles: 18.90 leaves it as 18.9.
    return float(default if value is None else value)


def parse_version(text: str) -> tuple[int, ...]:
    """Turn `v3.2` into (3, 2)."""
    return tuple(int(part) for part in text.removeprefix("v").split("."))


@dataclass(frozen=True, slots=True)
class Form:
    """Which field set is asked for: API version, short or `/detalhado`, and the switches."""

    version: tuple[int, ...]
    detailed: bool
    unit_code: str
    options: RpOptions


def wire_product(product: ErpProduct, form: Form, changed: datetime) -> Wire:
    """Build the wire object of a product, changed at a São Paulo time."""
    price, club = product.price, product.club_price
    wire = {
        "Codigo": product.code,
        "CodigoBarras": product.barcode,
        "Descricao": product.name,
        "Preco": float(price),
        "PrecoPDV": _number(product.till_price, price),
        "PrecoVenda2": float(club),
        "PrecoPDV2": _number(product.till_club_price, club),
        "PrecoNormal": _number(product.regular_price, price),
        "Oferta": "S" if product.offer else "N",
        "DtIniOferta": product.offer_start,
        "DataOferta": product.offer_end,
        "CodigoUnidade": form.unit_code,
        "Ativo": product.active,
        "Bloqueado": "S" if product.blocked else "N",
        "Status": product.status,
        "Estoque1": float(product.stock),
        "Balanca": product.scale,
        "DataHoraManutencao": f"{changed:%d/%m/%Y %H:%M:%S}.{changed.microsecond // 1000:03}",
    }
    if product.club_price_per_unit is not None:
        wire["PrecoVenda2UnidadeMedida"] = wire["PrecoPDV2UnidadeMedida"] = float(product.club_price_per_unit)
    if form.detailed:
        wire |= DETAIL | {"CodigoDepartamento": product.department, "Marcado": product.marked}
    if form.version <= OLD_VERSION:
        _make_old(wire, product)
    _apply_switches(wire, product, form.options)
    return wire


def _make_old(wire: Wire, product: ErpProduct) -> None:
    wire["Bloqueado"] = product.blocked
    for name in [name for name in wire if name.startswith("Estoque")]:
        del wire[name]
    wire["Estoque"] = float(product.stock)
    if "CodigoDepartamento" in wire and product.department.isdecimal():
        wire["CodigoDepartamento"] = int(product.department)


def _apply_switches(wire: Wire, product: ErpProduct, options: RpOptions) -> None:
    if options.second_price_alias is not None:
        wire[options.second_price_alias] = wire["PrecoVenda2"]
        if not options.keep_second_price:
            del wire["PrecoVenda2"]
    if options.with_limite:
        wire["Limite"] = product.limit
    if options.code_as_string:
        wire["Codigo"] = str(product.code)


TEXT_FIELDS = (
    "SKU", "CodigoNCM", "Complemento", "CodigoTributario", "fornecedorPadrao", "classe", "CodEstoque", "Espaco",
    "CodigoCaixa", "SetorLoja", "SetorDeposito", "DescricaoPDV", "DescricaoCliente", "TipoEmbalagem", "Alterado",
    "DtPrVenda", "CodigoPreco", "Departamento", "Grupo", "Marca", "Funcao", "CodigoDepartamento",
)  # fmt: skip
NUMBER_FIELDS = (
    "QtdeOferta", "PrecoLista", "PrecoEtiqueta", "PrecoCartaz", "EstoqueMinimo", "EstoqueMaximo",
    "VendaMediaDiaria", "CustoCompra", "CustoEmpresa", "CustoFiscal", "CustoMedio", "CustoVenda",
    "CustoTranferencia", "Altura", "Largura", "Profundidade", "Peso", "PesoLiquido", "QuantidadeEmbalagem",
    "PrVendaAnt", "PrVenda2Ant", "PrVdaPadrao", "FatorEstoque",
)  # fmt: skip
# Name and first number of the fields that are counted up to 5.
SERIES = (
    ("PrecoPDV", 3), ("PrecoVenda", 3), ("FatorPr", 3), ("AgprPreco", 1), ("AgofPreco", 1), ("Estoque", 2),
    ("PrecoOfertaAnt", 1), ("PrecoNormalAnt", 1), ("MargemPreco", 1),
)  # fmt: skip


def _detail() -> Wire:
    """Return the further fields of `/detalhado`: names as in the protocol, values without meaning."""
    filled: Wire = dict.fromkeys(TEXT_FIELDS, "") | dict.fromkeys(NUMBER_FIELDS, 0.0)
    filled |= {f"{name}{number}": 0.0 for name, first in SERIES for number in range(first, 6)}
    filled |= {f"{name}{number}": "" for name in ("Extra", "Prod_Extra") for number in range(1, 10)}
    filled["Marcado"] = False
    # Tax and ABC objects make up most of the weight of the real answer.
    filled["tributacao"] = {f"aliquotaTributacaoSaida{number:02}": 0.0 for number in range(60)}
    filled["CurvasABC"] = {f"curvaProdutoPeriodo{number:02}": "C" for number in range(24)}
    filled["Extras"] = []
    filled["codBarrasAlterados"] = []
    return filled


DETAIL = _detail()
