"""What a clean product looks like on the wire, learnt from pages read the tolerant way.

A decoder made from this refuses any other key, so that a field spelled otherwise is never
taken for an absent one. Fields that nobody consults are only named: their type is the one
whose values cost least to make and to forget.
"""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Any, Literal, cast

import msgspec
from msgspec import UNSET

from integrations.rp import fields
from integrations.rp.decide import Plan

MOST_KEYS = 512
_MOST_WORDS = 8
_LARGEST = 10**100
"""Far below where a number no longer fits the decoder's own kind."""

Words = frozenset[str]
"""The few texts that a field holds: a decoder that knows them makes no new ones."""

_OPTIONAL: dict[str, tuple[str, Any]] = {
    "ean": (fields.EAN, str),
    "active": (fields.ACTIVE, bool),
    "blocked": (fields.BLOCKED, str | bool),
    "status": (fields.STATUS, str),
    "limit": (fields.LIMIT, int),
    "till": (fields.TILL, Any),
}
_FLAGS: dict[str, Words] = {"blocked": frozenset({"S", "N"}), "status": frozenset({"NORMAL", "CANCELADO", ""})}
"""Consulted fields of few words, and the documented ones."""

Attributes = Mapping[str, tuple[str, Any]]
"""Attribute of a decoded product -> (key on the wire, type)."""


def attributes_of(plan: Plan) -> Attributes:
    """Return what is consulted; nothing when the prices need the full rules."""
    base, club = plan.base[0], plan.club[0]
    others = {fields.CODE, fields.NAME, *(wire for wire, _ in _OPTIONAL.values())} - {fields.TILL}
    if fields.is_per_unit(base) is not fields.is_per_unit(club) or {base, club} & others:
        return {}
    prices = {"base": (base, Any), "club": (club, Any)}
    return {"code": (fields.CODE, int), "name": (fields.NAME, str), **prices, **_OPTIONAL}


class Shape:
    """The keys of a product, each with the cheapest type that holds all its values seen so far."""

    def __init__(self, attributes: Attributes) -> None:
        self._attributes = attributes
        self._needed = {wire for name, (wire, _) in attributes.items() if name not in _OPTIONAL}
        self._kinds: dict[str, Any] = {}

    def learn(self, items: Iterable[Mapping[str, Any]]) -> bool:
        """Take in the keys and values of some products; tell whether that changed anything."""
        values: dict[str, list[Any]] = {}
        for item in items:
            for key, value in item.items():
                values.setdefault(key, []).append(value)
        kinds = dict(self._kinds)
        for key, found in values.items():
            kind = _kind_of(found)
            kinds[key] = _both(kinds[key], kind) if key in kinds else kind
        if kinds == self._kinds or len(kinds) > MOST_KEYS or not self._needed <= kinds.keys():
            return False
        self._kinds = kinds
        return True

    def item_type(self) -> type[msgspec.Struct]:
        """Build the type of a product: fields in the order of the wire, no key besides.

        A till price that is itself the base or club price is read once.
        """
        by_key = {wire: (name, kind) for name, (wire, kind) in reversed(list(self._attributes.items()))}
        known: list[tuple[str, Any, Any]] = []
        for number, (key, seen) in enumerate(self._kinds.items()):
            name, kind = by_key.get(key, (f"other{number}", _cheapest(seen)))
            if name in _FLAGS and isinstance(seen, frozenset):
                kind = _cheapest(seen | _FLAGS[name])
            optional = name in _OPTIONAL or key not in by_key
            known.append((name, kind, msgspec.field(name=key, default=UNSET if optional else msgspec.NODEFAULT)))
        present = {name for name, _, _ in known}
        extra = {
            name: property(attrgetter(by_key[wire][0])) if wire in self._kinds else UNSET
            for name, (wire, _) in self._attributes.items()
            if name not in present
        }
        return msgspec.defstruct("Item", known, namespace=extra, kw_only=True, gc=False, forbid_unknown_fields=True)


def _kind_of(values: Collection[Any]) -> Any:
    """Return bool, float, str, the few words there are, or Raw for whatever else."""
    types = set(map(type, values))
    if types == {str}:
        words = frozenset(values)
        return words if len(words) <= _MOST_WORDS else str
    if types == {bool}:
        return bool
    return float if types <= {int, Decimal} and all(map(_is_usual, values)) else msgspec.Raw


def _is_usual(number: int | Decimal) -> bool:
    finite = isinstance(number, int) or number.is_finite()
    return finite and -_LARGEST < number < _LARGEST


def _both(known: Any, seen: Any) -> Any:
    """Return the kind that holds the values of both. A field with new words may hold any."""
    if known == seen or (isinstance(known, frozenset) and isinstance(seen, frozenset) and seen <= known):
        return known
    texts = all(kind is str or isinstance(kind, frozenset) for kind in (known, seen))
    return str if texts else msgspec.Raw


def _cheapest(kind: Any) -> Any:
    return cast(Any, Literal)[tuple(sorted(kind))] if isinstance(kind, frozenset) else kind


def document_type(item: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """Build the type of a whole answer with such products."""
    response = msgspec.defstruct("Response", [("status", str), ("produtos", list[item])])  # type: ignore[valid-type]
    return msgspec.defstruct("Document", [("response", response)])
