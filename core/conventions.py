"""What currencies and time zones are called in a language, as Unicode's tables (CLDR) have it."""

import functools

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.languages import get_territory_language_info
from babel.numbers import get_currency_symbol

_TERRITORY = 2
"""So many letters of a currency's code name the territory whose currency it is."""


@functools.cache
def own_symbol(currency: str) -> str | None:
    """Return the sign of a currency where it is at home, which other languages often replace by its code."""
    territory = currency[:_TERRITORY]
    shares = {language: one["population_percent"] for language, one in get_territory_language_info(territory).items()}
    for language in sorted(shares, key=lambda one: float(shares[one] or 0), reverse=True):
        try:
            return get_currency_symbol(currency, Locale(language, territory))
        except UnknownLocaleError:
            continue
    return None


@functools.cache
def currency_name(currency: str, locale: str) -> str:
    """Return `Brazilian Real (BRL)`; of what has no name there, the code."""
    name: str | None = Locale.parse(locale).currencies.get(currency)
    return f"{_begun(name)} ({currency})" if name else currency


@functools.cache
def zone_name(zone: str, locale: str) -> str:
    """Return `Sao Paulo · Brasilia Time`, what tells it apart first; of what has no name there, the key."""
    spoken = Locale.parse(locale)
    names = spoken.meta_zones.get(get_global("meta_zones").get(zone), {}).get("long", {})
    name: str | None = names.get("generic") or names.get("standard")
    if name is None:
        return zone
    city = spoken.time_zones.get(zone, {}).get("city") or zone.rpartition("/")[2].replace("_", " ")
    return f"{city} · {_begun(name)}"


def _begun(name: str) -> str:
    """Return a name as a line or a button begins."""
    return name[:1].upper() + name[1:]
