"""What a look-up shows: one product in all its stores, several products to choose from, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.lookup.finding import Matches, Product
from core.lookup.prices import Standing, StorePrice
from core.lookup.product import ProductView
from core.lookup.quote import Quoted
from core.outbox.content import Choice, Draft
from core.texts import TN, T, Text
from handlers.cards.words import stores as count_stores
from handlers.lookup.words import identity, product_name, quote_lines, standing_of

PAGE = 8
_GROUPS = 10
_NAMED = 3
_SAME_TIME = timedelta(minutes=10)

_ASK, _CHART = T("Ask the ERP now"), T("Price history")

ASK, CHART = "product_ask", "product_chart"
_NOTHING_CHANGED = T("This changes nothing: the next sync reads the price again.")

PURPOSES: dict[str, Text] = {
    ASK: T("Ask the ERP now, for which store?"),
    CHART: T("Price history, of which store?"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: what is on it, its number from 0, and whether others follow."""

    items: Sequence[Any]
    number: int
    more: bool

    @classmethod
    def of(cls, items: Sequence[Any], number: int) -> "Page":
        first = number * PAGE
        return cls(items[first : first + PAGE], number, len(items) > first + PAGE)

    def turns(self, action: str, arguments: dict[str, Any]) -> list[Choice]:
        """Return the buttons that lead to the pages beside this one."""
        before = [Choice(T("◀ Back"), action, {**arguments, "page": self.number - 1})] if self.number else []
        after = [Choice(T("More ▶"), action, {**arguments, "page": self.number + 1})] if self.more else []
        return before + after


def draw_product(view: ProductView, now: datetime) -> Draft:
    """Return a product with its stores, those that look alike in one line."""
    groups = _grouped(view.prices)
    lines = [identity(view.product), *(standing_of(prices[0], _who(prices)) for prices in groups[:_GROUPS])]
    if left := sum(map(len, groups[_GROUPS:])):
        lines.append(TN("… and {n} more store", "… and {n} more stores", left))
    if not view.prices:
        lines.append(T("You have no active store, so there is no price to show."))
    return Draft([*lines, *_age(view, now)], product_name(view.product), _choices(view))


def draw_stores(view: ProductView, number: int, now: datetime) -> Draft:
    """Return a product store by store, one page of them."""
    page = Page.of(view.prices, number)
    lines = [_one_store(price, now) for price in page.items]
    turns = page.turns("product_stores", {"code": view.product.code})
    return Draft(lines, product_name(view.product), [turns])


def draw_chooser(product: Product, stores: Sequence[tuple[int, str]], purpose: str, number: int) -> Draft:
    """Return stores (id, name) as buttons for a purpose about a product, one page of them."""
    page = Page.of(stores, number)
    about = {"code": product.code, "ean": product.ean}
    rows = [[Choice(T("{store}", store=name), purpose, {**about, "store": store_id})] for store_id, name in page.items]
    turns = page.turns("product_choose", {**about, "purpose": purpose})
    return Draft([identity(product)], PURPOSES[purpose], [*rows, turns])


def draw_matches(matches: Matches, number: int, now: datetime) -> Draft:
    """Return the products that a question may mean as buttons, one page of them."""
    if not matches.products:
        return _nothing(matches, now)
    page = Page.of(matches.products, number)
    rows = [[Choice(product_label(product), "product", {"code": product.code})] for product in page.items]
    found = TN(
        "{n} product fits “{text}”.", "{n} products fit “{text}”.", len(matches.products), text=matches.wanted.text
    )
    turns = page.turns("product_page", {"text": matches.wanted.text})
    return Draft([T("Which one do you mean?")], found, [*rows, turns])


def _nothing(matches: Matches, now: datetime) -> Draft:
    wanted = matches.wanted
    what = (
        T("Searched: code {code}, barcode {barcode}.", code=wanted.code, barcode=wanted.digits)
        if wanted.barcode
        else T("Searched: code {code}.", code=wanted.code)
        if wanted.code
        else T("Searched: words of the names of products that have or had a discount.")
    )
    where = (
        TN("In the last scan of {n} store.", "In the last scans of {n} stores.", matches.stores)
        if matches.last_scan is None
        else TN(
            "In the last scan of {n} store, the newest one {age} ago.",
            "In the last scans of {n} stores, the newest one {age} ago.",
            matches.stores,
            age=now - matches.last_scan,
        )
    )
    hint = T("Products without any discount are known by their code only.")
    unknown = {"code": "", "ean": wanted.digits} if wanted.barcode else {"code": wanted.code, "ean": ""}
    about = {**unknown, "purpose": ASK, "page": 0}
    ask = [Choice(_ASK, "product_choose", about)] if wanted.code and matches.stores else []
    return Draft([what, where, hint], T("Nothing found for “{text}”", text=wanted.text), [ask])


def draw_quoted(asked: Quoted, product: Product) -> Draft:
    """Return what the ERP just said about a product."""
    quote = asked.quote
    asked_for = T("🏪 {store}, asked the ERP at {at}:", store=asked.store, at=asked.at)
    if quote is None:
        unknown = T("❔ The ERP does not have this product in this store.")
        return Draft([identity(product), asked_for, unknown], T("Not in the ERP"))
    known = Product(quote.code, quote.name, quote.ean)
    return Draft([identity(known), asked_for, *quote_lines(quote), _NOTHING_CHANGED], product_name(known))


def product_label(product: Product) -> Text:
    """Return a product in a line of a list."""
    if product.name:
        return T("{name} · {code}", name=product.name, code=product.code)
    return product_name(product)


def _who(prices: Sequence[StorePrice]) -> Text:
    if len(prices) <= _NAMED:
        return T("{names}", names=[price.store for price in prices])
    return count_stores(len(prices))


def _grouped(prices: Sequence[StorePrice]) -> list[list[StorePrice]]:
    """Return stores of which the same can be said together: by standing, then the largest group first."""
    groups: dict[str, list[StorePrice]] = {}
    for price in prices:
        groups.setdefault(str(standing_of(price, Text(""))), []).append(price)
    order = list(Standing)
    return sorted(groups.values(), key=lambda group: (order.index(group[0].standing), -len(group)))


def _one_store(price: StorePrice, now: datetime) -> Text:
    said = standing_of(price, T("{store}", store=price.store))
    if price.scanned_at is None:
        return said
    return T("{sentence} Read {age} ago.", sentence=said, age=now - price.scanned_at)


def _age(view: ProductView, now: datetime) -> list[Text]:
    """Say how old the ERP's prices are: of one scan, or of scans at very different times."""
    scans = [price.scanned_at for price in view.prices if price.scanned_at is not None]
    if not scans:
        return []
    newest, oldest = now - max(scans), now - min(scans)
    if oldest - newest < _SAME_TIME:
        return [T("🕓 Read from the ERP {age} ago.", age=oldest)]
    return [T("🕓 Read from the ERP {newest} to {oldest} ago.", newest=newest, oldest=oldest)]


def _choices(view: ProductView) -> list[list[Choice]]:
    """Offer the stores one by one, a fresh answer of the ERP, and the history; one store needs no choosing."""
    about = {"code": view.product.code, "ean": view.product.ean}
    if not view.prices:
        return []
    if len(view.prices) == 1:
        only = {**about, "store": view.prices[0].store_id}
        return [[Choice(_ASK, ASK, only), Choice(_CHART, CHART, only)]]
    choose = {**about, "page": 0}
    return [
        [Choice(T("Store by store"), "product_stores", {"code": view.product.code, "page": 0})],
        [
            Choice(_ASK, "product_choose", {**choose, "purpose": ASK}),
            Choice(_CHART, "product_choose", {**choose, "purpose": CHART}),
        ],
    ]
