"""What a look-up shows: one product in all its stores, several products to choose from, or nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from core.lookup.finding import Matches, Product
from core.lookup.prices import Standing, StorePrice
from core.lookup.product import ProductView
from core.lookup.quote import Quoted
from core.lookup.words import Wanted
from core.outbox.content import Choice, Draft
from core.paging import Paging, Slice, cut
from core.texts import TN, T, Text
from handlers.cards.words import stores as count_stores
from handlers.lookup.words import identity, product_name, quote_lines, standing_of

PAGE = 8
_GROUPS = 10
_NAMED = 3
_SAME_TIME = timedelta(minutes=10)

_ASK, _CHART, _BACK = T("Ask the ERP now"), T("Price history"), T("⬅ Back")

ASK, CHART = "product_ask", "product_chart"
_NOTHING_CHANGED = T("This changes nothing: the next sync reads the price again.")

Origin = dict[str, Any] | None
"""The list of matches (text, page) that led to a product, to go back to."""
_MATCHES = 7
"""Products to choose from on a page: with its pager they make eight rows."""
_STORES = 6
"""Stores to choose from on a page: with its pager and *Back* they make eight rows."""


def _turns(found: Slice[Any], action: str, arguments: dict[str, Any]) -> list[Choice]:
    """Return the buttons that lead to the pages beside this one."""
    before, after = found.page.number - 1, found.page.number + 1
    back = [Choice(T("◀ {page}", page=before + 1), action, {**arguments, "page": before})] if before >= 0 else []
    on = [Choice(T("{page} ▶", page=after + 1), action, {**arguments, "page": after})] if after < found.pages else []
    return back + on


def draw_product(view: ProductView, now: datetime, origin: Origin = None) -> Draft:
    """Return a product with its stores, those that look alike in one line."""
    groups = _grouped(view.prices)
    lines = [identity(view.product), *(standing_of(prices[0], _who(prices)) for prices in groups[:_GROUPS])]
    if left := sum(map(len, groups[_GROUPS:])):
        lines.append(TN("… and {n} more store", "… and {n} more stores", left))
    if not view.prices:
        lines.append(T("You have no active store, so there is no price to show."))
    return Draft([*lines, *_age(view, now)], product_name(view.product), _choices(view, origin))


def draw_stores(view: ProductView, number: int, now: datetime, origin: Origin = None) -> Draft:
    """Return a product store by store, one page of them."""
    page = cut(view.prices, Paging(number, PAGE))
    lines = [_one_store(price, now) for price in page.rows]
    turns = _turns(page, "product_stores", {"code": view.product.code, "origin": origin})
    return Draft(lines, product_name(view.product), [turns, _to_product(view.product, origin)])


def draw_chooser(product: Product, stores: Sequence[tuple[int, str]], number: int, origin: Origin = None) -> Draft:
    """Return stores (id, name) as buttons to ask the ERP for, one page of them."""
    page = cut(stores, Paging(number, _STORES))
    about = {"code": product.code, "ean": product.ean, "origin": origin}
    rows = [[Choice(T("{store}", store=name), ASK, {**about, "store": store_id})] for store_id, name in page.rows]
    turns = _turns(page, "product_choose", about)
    question = T("Ask the ERP now, for which store?")
    return Draft([identity(product)], question, [*rows, turns, _to_product(product, origin)])


def other_stores(product: Product, stores: Sequence[tuple[int, str]], shown: int, number: int) -> list[list[Choice]]:
    """Return the stores (id, name) whose history can be seen in place of the one that is shown."""
    others = [(store_id, name) for store_id, name in stores if store_id != shown]
    page = cut(others, Paging(number, _STORES))
    about = {"code": product.code, "page": number}
    rows = [[Choice(T("{store}", store=name), CHART, {**about, "store": store_id})] for store_id, name in page.rows]
    return [*rows, _turns(page, CHART, {**about, "store": shown})]


def draw_matches(matches: Matches, number: int, now: datetime) -> Draft:
    """Return the products that a question may mean as buttons, one page of them."""
    if not matches.products:
        return _nothing(matches, now)
    page = cut(matches.products, Paging(number, _MATCHES))
    text = matches.wanted.text
    origin = {"text": text, "page": page.page.number}
    rows = [
        [Choice(product_label(product), "product", {"code": product.code, "origin": origin})] for product in page.rows
    ]
    found = TN("{n} product fits “{text}”.", "{n} products fit “{text}”.", len(matches.products), text=text)
    turns = _turns(page, "product_page", {"text": text})
    return Draft([T("Which one do you mean?")], found, [*rows, turns])


def _nothing(matches: Matches, now: datetime) -> Draft:
    wanted = matches.wanted
    hint = T("Products without any discount are known by their code only.")
    unknown = {"code": "", "ean": wanted.digits} if wanted.barcode else {"code": wanted.code, "ean": ""}
    ask = [Choice(_ASK, "product_choose", {**unknown, "page": 0})] if wanted.code and matches.stores else []
    return Draft(
        [_searched(wanted), _where(matches, now), hint], T("Nothing found for “{text}”", text=wanted.text), [ask]
    )


def _searched(wanted: Wanted) -> Text:
    if wanted.barcode:
        return T("Searched: code {code}, barcode {barcode}.", code=wanted.code, barcode=wanted.digits)
    if wanted.code:
        return T("Searched: code {code}.", code=wanted.code)
    return T("Searched: words of the names of products that have or had a discount.")


def _where(matches: Matches, now: datetime) -> Text:
    if not matches.stores:
        return T("There is no active store yet. An admin adds one with /stores.")
    if matches.last_scan is None:
        return TN("In the last scan of {n} store.", "In the last scans of {n} stores.", matches.stores)
    return TN(
        "In the last scan of {n} store, the newest one {age} ago.",
        "In the last scans of {n} stores, the newest one {age} ago.",
        matches.stores,
        age=now - matches.last_scan,
    )


def draw_quoted(asked: Quoted, product: Product, origin: Origin = None) -> Draft:
    """Return what the ERP just said about a product."""
    quote = asked.quote
    asked_for = T("🏪 {store}, asked the ERP at {at}:", store=asked.store, at=asked.at)
    if quote is None:
        unknown = T("❔ The ERP does not have this product in this store.")
        return Draft([identity(product), asked_for, unknown], T("Not in the ERP"), [_to_product(product, origin)])
    known = Product(quote.code, quote.name, quote.ean)
    lines = [identity(known), asked_for, *quote_lines(quote), _NOTHING_CHANGED]
    return Draft(lines, product_name(known), [_to_product(known, origin)])


def _to_product(product: Product, origin: Origin) -> list[Choice]:
    return [Choice(_BACK, "product", {"code": product.code, "origin": origin})] if product.code else []


def product_label(product: Product) -> Text:
    """Return a product in a line of a list, what tells it apart first: a phone cuts its end."""
    if product.name:
        return T("{code} · {name}", name=product.name, code=product.code)
    return T("Product {code}", code=product.code)


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


def _choices(view: ProductView, origin: Origin) -> list[list[Choice]]:
    """Offer the stores one by one, a fresh answer of the ERP, and the history; one store needs no choosing."""
    back = [Choice(_BACK, "product_page", origin)] if origin else []
    if not view.prices:
        return [back]
    about = {"code": view.product.code, "ean": view.product.ean, "origin": origin}
    telling = min(view.prices, key=lambda price: list(Standing).index(price.standing))
    chart = Choice(_CHART, CHART, {"code": view.product.code, "store": telling.store_id})
    if len(view.prices) == 1:
        return [[Choice(_ASK, ASK, {**about, "store": telling.store_id}), chart], back]
    stores = Choice(T("Store by store"), "product_stores", {**about, "page": 0})
    return [[stores], [Choice(_ASK, "product_choose", {**about, "page": 0}), chart], back]
