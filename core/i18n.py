"""Turns a Text into words in somebody's language, with dates and numbers as they write them.

Catalogues are gettext files compiled with Babel in `locales/`; English is the source. Modules from
outside bring along their own (`bring`), for what stands in none of Chimera's.
"""

import functools
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal, get_currency_symbol
from babel.support import NullTranslations, Translations

import locales
from core.conventions import currency_name, own_symbol, zone_name
from core.texts import Currency, Param, T, Text, Zone

SOURCE_LOCALE = "en"
LOCALES = ("en", "pt_BR", "es")
CURRENCY = "BRL"
DOMAIN = "chimera"
_UNITS: tuple[tuple[Literal["day", "hour", "minute", "second"], int], ...] = (
    ("day", 86400),
    ("hour", 3600),
    ("minute", 60),
    ("second", 1),
)
_AT_ONCE = T("less than a second")
_TAGS = 1000
_NUMBERS = 4096
_TRANSLATORS = 256
_FIXED = 4096
_NEVER = 10_000
"""So many of a larger unit, and the smaller one would give way to it."""


@functools.lru_cache(maxsize=_TAGS)
def pick_locale(wanted: str | None, fallback: str = SOURCE_LOCALE) -> str:
    """Return the supported locale nearest to a language tag such as `pt-br`."""
    if not wanted:
        return fallback
    try:
        language = Locale.parse(wanted.replace("-", "_")).language
    except (ValueError, UnknownLocaleError):
        return fallback
    return next((known for known in LOCALES if known.split("_")[0] == language), fallback)


def own_name(locale: str) -> str:
    """Return what a language is called in itself, as a line or a button begins."""
    name = Locale.parse(locale).get_display_name() or locale
    return name[:1].upper() + name[1:]


Catalogues = Mapping[str, NullTranslations]
"""Compiled catalogues by their locale."""
_BROUGHT: dict[str, Catalogues] = {}


def bring(module: str, catalogues: Catalogues) -> None:
    """Let a module's own catalogues speak where Chimera's have no word for a text."""
    _BROUGHT[module] = catalogues
    _fixed.cache_clear()


def take_back(module: str) -> None:
    _BROUGHT.pop(module, None)
    _fixed.cache_clear()


class _Brought(NullTranslations):
    """What modules brought along for one language; the first of them that knows a text has the say."""

    def __init__(self, locale: str) -> None:
        super().__init__()
        self._locale = locale

    def gettext(self, message: str) -> str:
        said = (one[self._locale].gettext(message) for one in _BROUGHT.values() if self._locale in one)
        return next((words for words in said if words != message), message)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        own = singular if number == 1 else plural
        brought = (one[self._locale] for one in _BROUGHT.values() if self._locale in one)
        return next((words for one in brought if (words := one.ngettext(singular, plural, number)) != own), own)


@functools.cache
def catalogue(locale: str) -> NullTranslations:
    """Return the compiled catalogue of a locale, with those of modules behind it; the source language has none."""
    found = NullTranslations()
    if locale != SOURCE_LOCALE:
        found = Translations.load(Path(locales.__file__).parent, [locale], DOMAIN)
        found.add_fallback(_Brought(locale))
    return found


@functools.cache
def _conventions(locale: str) -> Locale:
    """Return how dates and numbers are written; finding that for every word would cost more than the word."""
    return Locale.parse(locale)


@functools.lru_cache(maxsize=_NUMBERS)
def _whole(number: int, locale: str) -> str:
    return format_decimal(number, locale=_conventions(locale))


@functools.lru_cache(maxsize=_FIXED)
def _fixed(message: str, locale: str) -> str:
    """Return the words of a text that always says the same: most of what stands on buttons."""
    return str(catalogue(locale).ugettext(message)).format(n=_whole(1, locale))


class Translator:
    """Renders Texts for one reader: language, the time zone of instants, the currency of money."""

    def __init__(self, locale: str, zone: ZoneInfo, currency: str = CURRENCY) -> None:
        self.locale = locale
        self.zone = zone
        self._currency = currency
        self._conventions = _conventions(locale)
        self._catalogue = catalogue(locale)

    def __call__(self, text: Text) -> str:
        return self.render(text, lambda plain: plain)

    def render(self, text: Text, escape: Callable[[str], str]) -> str:
        """Return the translated text with every parameter formatted, strings through `escape`."""
        if not text.params and text.plural is None:
            return _fixed(text.message, self.locale)
        form = self._form(text)
        values = {name: self._show(value, escape) for name, value in text.params.items()}
        if "n" not in values and "{n}" in form:
            values["n"] = _whole(text.count, self.locale)
        return form.format(**values)

    def money(self, value: Decimal | float) -> str:
        """Return an amount with its cents, also where a currency usually has none, and with its own sign anywhere."""
        said = format_currency(value, self._currency, locale=self._conventions, currency_digits=False)
        usual = get_currency_symbol(self._currency, self._conventions)
        return said.replace(usual, own_symbol(self._currency) or usual)

    def duration(self, length: timedelta) -> str:
        """Return a duration in its two largest units: `3 min 20 s`; a second one of zero is left out."""
        seconds = int(length.total_seconds())
        if seconds < 1:
            return self._form(_AT_ONCE)
        first = next((number for number, (_, size) in enumerate(_UNITS) if seconds >= size), len(_UNITS) - 1)
        shown: list[str] = []
        for unit, size in _UNITS[first : first + 2]:
            amount, seconds = divmod(seconds, size)
            if amount or not shown:
                part = timedelta(seconds=amount * size)
                shown.append(
                    format_timedelta(part, granularity=unit, threshold=_NEVER, format="short", locale=self._conventions)
                )
        return " ".join(shown)

    def ago(self, length: timedelta) -> str:
        return format_timedelta(-length, add_direction=True, locale=self._conventions)

    def _form(self, text: Text) -> str:
        if text.plural is None:
            return str(self._catalogue.ugettext(text.message))
        return str(self._catalogue.ungettext(text.message, text.plural, text.count))

    def _show(self, value: Param, escape: Callable[[str], str]) -> str:
        match value:
            case Text():
                return self.render(value, escape)
            case list():
                return ", ".join(self._show(item, escape) for item in value)
            case str():
                return escape(value)
            case bool() | int():
                return _whole(value, self.locale)
            case float():
                return format_decimal(value, locale=self._conventions)
            case Decimal():
                return self.money(value)
            case timedelta():
                return self.duration(value)
            case Currency():
                return currency_name(value.code, self.locale)
            case Zone():
                return zone_name(value.key, self.locale)
            case _:
                return self._moment(value)

    def _moment(self, value: datetime | date | time) -> str:
        if isinstance(value, datetime):
            return format_datetime(value, "short", tzinfo=self.zone, locale=self._conventions)
        if isinstance(value, date):
            return format_date(value, "short", locale=self._conventions)
        return format_time(value, "short", locale=self._conventions)


translator = functools.lru_cache(maxsize=_TRANSLATORS)(Translator)
"""The one translator of each kind of reader: a window asks for it at every word."""
