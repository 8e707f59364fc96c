"""One product, one answer: candidate, or the first reason why not (`rules.md` 1.2 to 1.5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol, Self

from core.catalogue.lines import Candidate, Reject
from core.lookup.quote import Quote
from core.money import MOST, NotANumber, to_cents
from integrations.rp import fields

_ABSENT = object()
_ACTIVE, _BLOCKED, _STATUS = fields.fold(fields.ACTIVE), fields.fold(fields.BLOCKED), fields.fold(fields.STATUS)
_NAME, _EAN = fields.fold(fields.NAME), fields.fold(fields.EAN)
_LIMIT, _TILL = fields.fold(fields.LIMIT), fields.fold(fields.TILL)


class PriceFields(Protocol):
    """The settings that say which prices are read."""

    @property
    def club_price_fields(self) -> Sequence[str]: ...

    @property
    def base_price_fields(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """Which fields are read: `club` and `base` in order, as configured (`rules.md` 1.2)."""

    club: tuple[str, ...]
    base: tuple[str, ...]
    wanted: Mapping[str, str]
    """Folded to documented names of every field that is consulted."""

    @classmethod
    def of(cls, settings: PriceFields) -> Self:
        """Take the prices from the settings, in the documented spelling where there is one."""
        club = tuple(map(fields.documented, settings.club_price_fields))
        base = tuple(map(fields.documented, settings.base_price_fields))
        return cls.reading(club, base)

    @classmethod
    def reading(cls, club: tuple[str, ...], base: tuple[str, ...]) -> Self:
        """Take prices in the documented spelling."""
        wanted = {fields.fold(name): name for name in (*fields.COMMON, *club, *base)}
        return cls(club, base, wanted)

    def is_documented(self, key: str) -> bool:
        """Tell whether a key is no odd spelling of a consulted field."""
        return self.wanted.get(fields.fold(key), key) == key


@dataclass(frozen=True, slots=True)
class Page:
    """One page after the reject rules; `last` is the highest code, 0 for an empty page.

    `ascending`: every code is above the cursor and the code before it.
    """

    candidates: Sequence[Candidate]
    rejects: dict[Reject, list[str | int]]
    read: int
    last: int
    ascending: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Price:
    """A consulted price in cents; `value` None when the field is absent, null or empty."""

    value: Decimal | None
    per_unit: bool


def decide(product: Mapping[str, Any], code: str, plan: Plan) -> Candidate | Reject:
    """Judge a product given under folded names (see `fields.pick`)."""
    if reason := _unsellable(product):
        return reason
    name = fields.read_name(product.get(_NAME))
    if fields.is_placeholder(name):
        return Reject.PLACEHOLDER_NAME
    try:
        base, club = _price(product, plan.base), _price(product, plan.club)
        limit = fields.read_limit(product.get(_LIMIT))
    except NotANumber:
        return Reject.INVALID_NUMBER
    if not base.value:
        return Reject.ZERO_PRICE
    if not club.value or club.per_unit is not base.per_unit:
        return Reject.NO_CLUB_PRICE
    if club.value >= base.value:
        return Reject.CLUB_NOT_BELOW_BASE
    return Candidate(
        code=code,
        name=fields.clean_name(name, code),
        ean=fields.clean_ean(product.get(_EAN)),
        base=base.value,
        final=club.value,
        limit=limit,
        till=_till(product),
        per_unit=base.per_unit,
    )


def quote(product: Mapping[str, Any], code: str, plan: Plan) -> Quote:
    """Say of a product given under folded names all that people want to know of it."""
    verdict = decide(product, code, plan)
    base, club = _shown(product, plan.base), _shown(product, plan.club)
    return Quote(
        code=code,
        name=fields.clean_name(fields.read_name(product.get(_NAME)), code),
        ean=fields.clean_ean(product.get(_EAN)),
        base=base.value,
        club=club.value or None,
        till=_till(product),
        per_unit=base.per_unit,
        reject=verdict if isinstance(verdict, Reject) else None,
    )


def _shown(product: Mapping[str, Any], names: tuple[str, ...]) -> _Price:
    """Read a price to be shown; an unreadable one is none."""
    try:
        return _price(product, names)
    except NotANumber:
        return _Price(None, per_unit=False)


def _unsellable(product: Mapping[str, Any]) -> Reject | None:
    if _ACTIVE in product and not fields.is_active(product[_ACTIVE]):
        return Reject.INACTIVE
    if fields.is_blocked(product.get(_BLOCKED)):
        return Reject.BLOCKED
    return None if fields.is_sellable(product.get(_STATUS)) else Reject.CANCELLED


def _price(product: Mapping[str, Any], names: tuple[str, ...]) -> _Price:
    """Read the first field that is present; a 0 there is an answer. Raises NotANumber."""
    for name in map(fields.fold, names):
        value = product.get(name, _ABSENT)
        if value is not _ABSENT:
            number = fields.read_number(value)
            return _Price(None if number is None else _cents(number), fields.is_per_unit(name))
    return _Price(None, per_unit=False)


def _cents(number: Decimal) -> Decimal:
    cents = to_cents(number)
    if not 0 <= cents < MOST:
        raise NotANumber("no price")
    return cents


def _till(product: Mapping[str, Any]) -> Decimal | None:
    """Return what the till charges; None switches the check off (`rules.md` 1.3)."""
    try:
        number = fields.read_number(product.get(_TILL))
        return None if number is None else _cents(number) or None
    except NotANumber:
        return None
