"""The short way for clean pages: straight from bytes to candidates (`rp.md` 3, goal P-1).

Strict on purpose: whatever is not exactly as documented makes `read` return None, and the
page takes the tolerant way of `pages.py`. Both agree on every page that passes here.

The danger is a field spelled otherwise (`LIMITE`, `Bloqueádo`), which a strict decoder takes
for an absent one. Therefore the set of keys is learnt from pages read the tolerant way, and
an object with any other key is refused: what is absent here, is absent in every spelling.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import chain
from operator import attrgetter
from typing import Any, Protocol

import msgspec
from msgspec import UNSET, UnsetType

from core.catalogue.lines import Candidate, Reject
from core.money import CENT
from integrations.rp import fields
from integrations.rp.decide import Page, Plan, decide

_HALF_CENT = Decimal("0.005")
"""The least price that does not round to zero."""
_SAFE = Decimal(10**12)
"""Rounding cannot fail below this."""
_NO_CLUB_PRICE, _NOT_BELOW = Reject.NO_CLUB_PRICE, Reject.CLUB_NOT_BELOW_BASE
"""Looked up once: an enum's attribute costs as much as the rest of a rejection."""
_MOST_KEYS = 512

_OPTIONAL: dict[str, tuple[str, Any]] = {
    "ean": (fields.EAN, str),
    "active": (fields.ACTIVE, bool),
    "blocked": (fields.BLOCKED, str | bool),
    "status": (fields.STATUS, str),
    "limit": (fields.LIMIT, int),
    "till": (fields.TILL, Decimal),
}


class _Item(Protocol):
    """A product of the learnt type; UNSET means absent in every spelling."""

    code: int
    name: str
    base: Decimal
    club: Decimal
    ean: str | UnsetType
    active: bool | UnsetType
    blocked: str | bool | UnsetType
    status: str | UnsetType
    limit: int | UnsetType
    till: Decimal | UnsetType


class FastReader:
    """Reads pages of one configuration; until it has learnt their keys, it declines."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._attributes = _attributes(plan)
        self._per_unit = fields.is_per_unit(plan.base[0])
        self._folded = {name: fields.fold(wire) for name, (wire, _) in self._attributes.items()}
        self._keys: dict[str, None] = {}
        self._decoder: msgspec.json.Decoder[Any] | None = None

    def learn(self, items: Sequence[Mapping[str, Any]]) -> None:
        """Take in the keys of products read the tolerant way; pages with odd ones teach nothing."""
        seen = dict.fromkeys(chain.from_iterable(items))
        if not self._attributes or seen.keys() <= self._keys.keys() or not all(map(self._is_fit, seen)):
            return
        keys = self._keys | seen
        needed = {wire for name, (wire, _) in self._attributes.items() if name not in _OPTIONAL}
        if len(keys) <= _MOST_KEYS and needed <= keys.keys():
            self._keys = keys
            self._decoder = msgspec.json.Decoder(_document_type(_item_type(keys, self._attributes)))

    def _is_fit(self, key: str) -> bool:
        """Tell whether a key is spelled as documented, or belongs to a field nobody consults."""
        return key.isprintable() and not set(key) & {'"', "\\"} and self._plan.is_documented(key)

    def read(self, body: bytes, cursor: int) -> Page | None:
        """Return the judged page after code `cursor`, or None: read it the tolerant way."""
        if self._decoder is None:
            return None
        try:
            response = self._decoder.decode(body).response
            return self._judge(response.produtos, cursor) if response.status.lower() == "ok" else None
        except (msgspec.DecodeError, UnicodeDecodeError, InvalidOperation):
            return None

    def _judge(self, items: Sequence[_Item], cursor: int) -> Page | None:
        """Apply the rules without rounding where that cannot change the answer.

        Rounding keeps the order, so `club >= base` is decided before it; what survives is
        rounded and looked at again.
        """
        candidates: list[Candidate] = []
        rejects: list[tuple[str | int, Reject]] = []
        reject = rejects.append
        half, safe = _HALF_CENT, _SAFE
        odd_names = fields.may_be_placeholder("\n".join([item.name for item in items]))
        last = cursor
        for item in items:
            code, base, club = item.code, item.base, item.club
            if code <= last:
                return None
            last = code
            usual = item.active is True and item.blocked == "N" and item.status == "NORMAL" and not item.limit
            if not (usual or _is_plain(item)) or (odd_names and fields.is_placeholder(item.name)):
                self._slowly(item, candidates, rejects)
            elif not club and half <= base < safe:
                reject((code, _NO_CLUB_PRICE))
            elif half <= club < base < safe:
                self._round(item, candidates, rejects)
            elif half <= base <= club < safe:
                reject((code, _NOT_BELOW))
            else:
                self._slowly(item, candidates, rejects)
        return (
            Page(candidates, rejects, len(items), last if items else 0, ascending=True)
            if last < fields.MAX_CODE
            else None
        )

    def _round(self, item: _Item, candidates: list[Candidate], rejects: list[tuple[str | int, Reject]]) -> None:
        base = item.base.quantize(CENT, ROUND_HALF_UP)
        final = item.club.quantize(CENT, ROUND_HALF_UP)
        till = item.till or None
        if final >= base:
            rejects.append((item.code, _NOT_BELOW))
        elif till and not _HALF_CENT <= till < _SAFE:
            self._slowly(item, candidates, rejects)
        else:
            code = str(item.code)
            name, ean = fields.clean_name(item.name, code), fields.clean_ean(item.ean)
            till = till and till.quantize(CENT, ROUND_HALF_UP)
            candidates.append(Candidate(code, name, ean, base, final, item.limit or None, till, self._per_unit))

    def _slowly(self, item: _Item, candidates: list[Candidate], rejects: list[tuple[str | int, Reject]]) -> None:
        """Judge a product that is readable but not plain by the full rules."""
        if item.active is False:
            rejects.append((item.code, Reject.INACTIVE))
            return
        product = {
            folded: value for name, folded in self._folded.items() if (value := getattr(item, name)) is not UNSET
        }
        verdict = decide(product, str(item.code), self._plan)
        if isinstance(verdict, Candidate):
            candidates.append(verdict)
        else:
            rejects.append((item.code, verdict))


def _is_plain(item: _Item) -> bool:
    """Tell whether nothing but name and prices is left to judge."""
    return (
        item.active is not False
        and (item.blocked == "N" or item.blocked is UNSET or item.blocked is False)
        and (item.status == "NORMAL" or item.status is UNSET)
        and (item.limit is UNSET or 0 <= item.limit <= fields.MAX_LIMIT)
    )


def _attributes(plan: Plan) -> dict[str, tuple[str, Any]]:
    """Return attribute -> (key on the wire, type); nothing when the prices need the full rules."""
    base, club = plan.base[0], plan.club[0]
    others = {fields.CODE, fields.NAME, *(wire for wire, _ in _OPTIONAL.values())} - {fields.TILL}
    if fields.is_per_unit(base) is not fields.is_per_unit(club) or {base, club} & others:
        return {}
    prices = {"base": (base, Decimal), "club": (club, Decimal)}
    return {"code": (fields.CODE, int), "name": (fields.NAME, str), **prices, **_OPTIONAL}


def _item_type(keys: Mapping[str, None], attributes: Mapping[str, tuple[str, Any]]) -> type[msgspec.Struct]:
    """Build the type of a product: fields in the order of the wire, no key besides.

    A till price that is itself the base or club price is read once.
    """
    by_key = {wire: (name, kind) for name, (wire, kind) in reversed(list(attributes.items()))}
    known: list[tuple[str, Any, Any]] = []
    for number, key in enumerate(keys):
        name, kind = by_key.get(key, (f"other{number}", msgspec.Raw))
        optional = name in _OPTIONAL or key not in by_key
        known.append((name, kind, msgspec.field(name=key, default=UNSET if optional else msgspec.NODEFAULT)))
    present = {name for name, _, _ in known}
    extra = {
        name: property(attrgetter(by_key[wire][0])) if wire in keys else UNSET
        for name, (wire, _) in attributes.items()
        if name not in present
    }
    return msgspec.defstruct("Item", known, namespace=extra, kw_only=True, gc=False, forbid_unknown_fields=True)


def _document_type(item: type[msgspec.Struct]) -> type[msgspec.Struct]:
    response = msgspec.defstruct("Response", [("status", str), ("produtos", list[item])])  # type: ignore[valid-type]
    return msgspec.defstruct("Document", [("response", response)])
