"""A deterministic chain-wide assortment, and each store's own prices for it."""

from __future__ import annotations

import random
from array import array
from dataclasses import dataclass, field
from decimal import Decimal

from sandbox.rp.products import ErpProduct

GOODS = (
    "ARROZ BRANCO T1", "FEIJAO CARIOCA", "CAFE TORRADO", "ACUCAR CRISTAL", "OLEO DE SOJA", "LEITE INTEGRAL",
    "MACARRAO ESPAGUETE", "FARINHA DE TRIGO", "BISCOITO RECHEADO", "SABAO EM PO", "DETERGENTE NEUTRO",
    "PAPEL HIGIENICO", "QUEIJO MUCARELA", "PRESUNTO COZIDO", "TOMATE ITALIANO", "BANANA PRATA", "PÃO FRANCÊS",
    "REFRIGERANTE COLA", "SUCO DE UVA", "CREME DENTAL", "SHAMPOO", "IOGURTE NATURAL", "AZEITE EXTRA VIRGEM",
)  # fmt: skip
BRANDS = ("AURORA BOA", "CAMPO LIMPO", "DONA INÊS", "SERRA AZUL", "BOM GRÃO", "VALE VERDE", "ESTRELA", "NORTE")
SIZES = ("500G", "1KG", "2KG", "900ML", "1L", "2L", "250G", "C/12", "C/4", "100G", "5KG", "KG")
WEIGHED_EVERY = 40
INACTIVE_EVERY = 50
FIRST_CODE = 1000


def ean13(digits: str) -> str:
    """Append the check digit to twelve digits."""
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return digits + str(-total % 10)


class Assortment:
    """The products of the chain. Store number n of size s sells the first s of them."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.codes = array("q")
        self._cents = array("q")
        self._random = random.Random(seed)

    def grow(self, size: int) -> None:
        """Make sure there are at least `size` products; the first ones never change."""
        draw = self._random.random
        code = self.codes[-1] if self.codes else FIRST_CODE
        for _ in range(len(self.codes), size):
            code += 1 + int(draw() * 7)
            self.codes.append(code)
            self._cents.append(199 + int(draw() ** 3 * 12_000))

    def name(self, index: int) -> str:
        """Return the description of a product; all differ."""
        goods, rest = index % len(GOODS), index // len(GOODS)
        brand, rest = rest % len(BRANDS), rest // len(BRANDS)
        size, rest = rest % len(SIZES), rest // len(SIZES)
        return f"{GOODS[goods]} {BRANDS[brand]} {SIZES[size]}{f' {rest}' if rest else ''}"

    def barcode(self, index: int) -> str:
        """Return the EAN-13 of a product; goods by weight have none."""
        return "" if index % WEIGHED_EVERY == 0 else ean13(f"789{index:09}")

    def prices(self, store: str, size: int, discounted: int) -> StorePrices:
        """Draw one store's prices: exactly `discounted` products have a club price, 5 to 40 % below."""
        self.grow(size)
        dice = random.Random(f"{self.seed}:{store}")
        draw, level = dice.random, 0.92 + dice.random() * 0.16
        base = array("q", [int(c * level * (0.97 + draw() * 0.06)) + 1 for c in self._cents[:size]])
        club = array("q", bytes(8 * size))
        for index in dice.sample(range(size), min(discounted, size)):
            club[index] = max(1, int(base[index] * (0.60 + draw() * 0.35)))
        return StorePrices(self, base, club)


@dataclass(slots=True)
class StorePrices:
    """The seeded products of one store, in cents, by position in the assortment."""

    assortment: Assortment
    base: array[int]
    club: array[int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.base)

    def active(self, index: int) -> bool:
        """Tell whether a product is sold; every fiftieth without a club price is not."""
        return bool(self.club[index]) or index % INACTIVE_EVERY != INACTIVE_EVERY - 1

    def scale(self, factor: Decimal) -> None:
        """Multiply every price."""
        for prices in (self.base, self.club):
            for index, cents in enumerate(prices):
                prices[index] = int(cents * factor)

    def product(self, index: int) -> ErpProduct:
        """Return the product at a position."""
        chain = self.assortment
        return ErpProduct(
            code=chain.codes[index],
            name=chain.name(index),
            barcode=chain.barcode(index),
            price=Decimal(self.base[index]).scaleb(-2),
            club_price=Decimal(self.club[index]).scaleb(-2),
            active=self.active(index),
            stock=Decimal(index % 97),
            scale="P" if index % WEIGHED_EVERY == 0 else "N",
            department=str(1 + index % 12),
            limit=(0, 0, 5, 12)[index % 4],
        )
