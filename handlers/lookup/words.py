"""A product's price in one store, or in several alike, in words. An icon never stands alone."""

from collections.abc import Callable
from datetime import datetime, time
from decimal import Decimal

from core.catalogue.lines import Line
from core.catalogue.rails import StoreReason
from core.lookup.finding import Product
from core.lookup.prices import Standing, StorePrice
from core.lookup.quote import Quote
from core.texts import T, Text
from handlers.cards.words import HOLD_REASONS, REJECT_REASONS, moved

STORE_REASONS: dict[str, Text] = {
    StoreReason.NO_LINES: T("there is nothing to send"),
    StoreReason.MIN_LINES: T("far fewer products than last time"),
    StoreReason.MAX_CHANGED: T("too many products changed at once"),
    StoreReason.FOREIGN_LINES: T("live discounts of somebody else would be replaced"),
}

_GUARD_RAIL = T("a guard rail")


def product_name(product: Product) -> Text:
    if product.name:
        return T("{name}", name=product.name)
    return T("Product without a known name")


def identity(product: Product) -> Text:
    if not product.code:
        return T("EAN {ean}", ean=product.ean)
    if product.ean:
        return T("Code {code} · EAN {ean}", code=product.code, ean=product.ean)
    return T("Code {code}", code=product.code)


def price_of(base: Decimal, final: Decimal, *, per_unit: bool = False) -> Text:
    """Say a discounted price beside the normal one, both money, and by how many percent it is less."""
    said = T("{final} instead of {base} ({percent})", final=final, base=base, percent=moved(base, final))
    return T("{price} per unit of measure", price=said) if per_unit else said


def quote_lines(quote: Quote) -> list[Text]:
    """Say what the ERP answered: its prices, and whether that makes a discount."""
    lines = []
    if quote.base is not None:
        lines.append(T("💰 Price: {price}", price=quote.base))
    if quote.club is not None:
        lines.append(T("🏷 Club price: {price}", price=quote.club))
    if quote.till is not None:
        lines.append(T("🛒 At the till: {price}", price=quote.till))
    if quote.reject is not None:
        return [*lines, T("⚪ No discount: {reason}.", reason=REJECT_REASONS[quote.reject])]
    if quote.base is not None and quote.club is not None:
        now = price_of(quote.base, quote.club, per_unit=quote.per_unit)
        lines.append(T("✅ Discount: {price}. Guard rails may still hold it.", price=now))
    return lines


def standing_of(price: StorePrice, stores: Text) -> Text:
    """Say how a product stands in stores that all look like this one."""
    said = _SENTENCES[price.standing](price, stores)
    return T("{sentence} {note}", sentence=said, note=_note(price)) if price.outdated else said


def _live(price: StorePrice, stores: Text) -> Text:
    return T(
        "🟢 {stores}: {price}. Live until {end}, verified.",
        stores=stores,
        price=_line(price.live),
        end=_clock(price.ends),
    )


def _later(price: StorePrice, stores: Text) -> Text:
    return T(
        "🕕 {stores}: {price}. Verified, live from {start} to {end}.",
        stores=stores,
        price=_line(price.live),
        start=_clock(price.starts),
        end=_clock(price.ends),
    )


def _rejected(price: StorePrice, stores: Text) -> Text:
    assert price.reject is not None  # noqa: S101 - by its standing
    return T("⚪ {stores}: no discount: {reason}.", stores=stores, reason=REJECT_REASONS[price.reject])


_SENTENCES: dict[Standing, Callable[[StorePrice, Text], Text]] = {
    Standing.LIVE: _live,
    Standing.LATER: _later,
    Standing.HELD: lambda price, stores: T(
        "✋ {stores}: {price}. Held: {reason}.", stores=stores, price=_found(price), reason=_hold(price)
    ),
    Standing.STORE_HELD: lambda price, stores: T(
        "✋ {stores}: {price}. The whole store is held: {reason}.",
        stores=stores,
        price=_found(price),
        reason=STORE_REASONS.get(price.store_hold or "", _GUARD_RAIL),
    ),
    Standing.PREPARED: lambda price, stores: T(
        "📦 {stores}: {price}. Prepared for today, not verified as live.", stores=stores, price=_line(price.prepared)
    ),
    Standing.WORKED_OUT: lambda price, stores: T(
        "🧪 {stores}: {price}. Worked out only, not sent.", stores=stores, price=_line(price.prepared)
    ),
    Standing.DISCOUNTED: lambda price, stores: T(
        "🏷 {stores}: {price} in the ERP. Not sent yet.", stores=stores, price=_found(price)
    ),
    Standing.REJECTED: _rejected,
    Standing.NOT_LISTED: lambda _price, stores: T(
        "❔ {stores}: not in the ERP's last scan, so without club price there, or not sold.", stores=stores
    ),
    Standing.NEVER_READ: lambda _price, stores: T("❔ {stores}: never read from the ERP yet.", stores=stores),
}


def _note(price: StorePrice) -> Text:
    """Say what the ERP's last scan has against what is live."""
    if price.found is not None and price.hold is not None:
        return T("The ERP now says {price}, held: {reason}.", price=_found(price), reason=_hold(price))
    if price.found is not None:
        return T("The ERP now says {price}.", price=_found(price))
    if price.reject is not None:
        return T("The ERP has ended it since: {reason}.", reason=REJECT_REASONS[price.reject])
    return T("The ERP's last scan no longer lists it.")


def _hold(price: StorePrice) -> Text:
    return HOLD_REASONS.get(price.hold or "", _GUARD_RAIL)


def _found(price: StorePrice) -> Text:
    found = price.found
    assert found is not None  # noqa: S101 - by its standing
    return price_of(found.base, found.final, per_unit=found.per_unit)


def _line(line: Line | None) -> Text:
    assert line is not None  # noqa: S101 - by its standing
    return price_of(line.price, line.final_price)


def _clock(instant: datetime | None) -> time:
    assert instant is not None  # noqa: S101 - by its standing
    return instant.time()
