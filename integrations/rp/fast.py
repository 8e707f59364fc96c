"""The short way for clean pages: straight from bytes to candidates (`rp.md` 3, goal P-1).

Strict on purpose: whatever is not exactly as documented makes `read` return None, and the
page takes the tolerant way of `pages.py`. Both agree on every page that passes here.

The danger is a field spelled otherwise (`LIMITE`, `Bloqueádo`), which a strict decoder takes
for an absent one. Therefore the set of keys is learnt from pages read the tolerant way, and
an object with any other key is refused: what is absent here, is absent in every spelling.

Prices are decoded twice as fast as floats; `cents.py` says why what comes of them is exact
all the same. A page on which one price may not be is decoded again with decimals.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import chain
from operator import attrgetter
from typing import Any, Protocol

import msgspec
from msgspec import UNSET, UnsetType

from core.catalogue.lines import Candidate, Reject
from integrations.rp import fields
from integrations.rp.cents import DecimalPrices, FloatPrices, Inexact, Prices
from integrations.rp.decide import Page, Plan, decide

_NO_CLUB_PRICE, _NOT_BELOW = Reject.NO_CLUB_PRICE, Reject.CLUB_NOT_BELOW_BASE
"""Looked up once: an enum's attribute costs as much as the rest of a rejection."""
_MOST_KEYS = 512

_OPTIONAL: dict[str, tuple[str, Any]] = {
    "ean": (fields.EAN, str),
    "active": (fields.ACTIVE, bool),
    "blocked": (fields.BLOCKED, str | bool),
    "status": (fields.STATUS, str),
    "limit": (fields.LIMIT, int),
    "till": (fields.TILL, Prices),
}


class _Item(Protocol):
    """A product of the learnt type; UNSET means absent in every spelling.

    Prices are Decimal or float, as decoded.
    """

    code: int
    name: str
    base: Any
    club: Any
    ean: str | UnsetType
    active: bool | UnsetType
    blocked: str | bool | UnsetType
    status: str | UnsetType
    limit: int | UnsetType
    till: Any


class FastReader:
    """Reads pages of one configuration; until it has learnt their keys, it declines."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._attributes = _attributes(plan)
        self._per_unit = fields.is_per_unit(plan.base[0])
        self._folded = {name: fields.fold(wire) for name, (wire, _) in self._attributes.items()}
        self._keys: dict[str, None] = {}
        self._ways: list[tuple[msgspec.json.Decoder[Any], Prices]] = []

    def learn(self, items: Sequence[Mapping[str, Any]]) -> None:
        """Take in the keys of products read the tolerant way; pages with odd ones teach nothing."""
        seen = dict.fromkeys(chain.from_iterable(items))
        if not self._attributes or seen.keys() <= self._keys.keys() or not all(map(self._is_fit, seen)):
            return
        keys = self._keys | seen
        needed = {wire for name, (wire, _) in self._attributes.items() if name not in _OPTIONAL}
        if len(keys) <= _MOST_KEYS and needed <= keys.keys():
            self._keys = keys
            both: tuple[Prices, ...] = (FloatPrices(), DecimalPrices())
            self._ways = [
                (msgspec.json.Decoder(_document_type(_item_type(keys, self._attributes, prices.kind))), prices)
                for prices in both
            ]

    def _is_fit(self, key: str) -> bool:
        """Tell whether a key is spelled as documented, or belongs to a field nobody consults."""
        return key.isprintable() and not set(key) & {'"', "\\"} and self._plan.is_documented(key)

    def read(self, body: bytes, cursor: int) -> Page | None:
        """Return the judged page after code `cursor`, or None: read it the tolerant way."""
        for decoder, prices in self._ways:
            try:
                response = decoder.decode(body).response
                return self._judge(response.produtos, cursor, prices) if response.status.lower() == "ok" else None
            except (msgspec.DecodeError, UnicodeDecodeError, InvalidOperation, Inexact):
                continue
        return None

    def _judge(self, items: Sequence[_Item], cursor: int, prices: Prices) -> Page | None:
        """Apply the rules without rounding where that cannot change the answer.

        Rounding keeps the order, so `club > base` is decided before it; what survives is
        rounded and looked at again.
        """
        candidates: list[Candidate] = []
        rejects: list[tuple[str | int, Reject]] = []
        reject = rejects.append
        least, most = prices.least, prices.most
        odd_names = fields.may_be_placeholder("\n".join([item.name for item in items]))
        last = cursor
        for item in items:
            code, base, club = item.code, item.base, item.club
            if code <= last:
                return None
            last = code
            usual = item.active is True and item.blocked == "N" and item.status == "NORMAL" and not item.limit
            if not (usual or _is_plain(item)) or (odd_names and fields.is_placeholder(item.name)):
                self._slowly(item, candidates, rejects, prices)
            elif not club and least < base < most:
                reject((code, _NO_CLUB_PRICE))
            elif least < club <= base < most:
                self._round(item, candidates, rejects, prices)
            elif least < base < club < most:
                reject((code, _NOT_BELOW))
            else:
                self._slowly(item, candidates, rejects, prices)
        if last >= fields.MAX_CODE:
            return None
        return Page(candidates, rejects, len(items), last if items else 0, ascending=True)

    def _round(
        self, item: _Item, candidates: list[Candidate], rejects: list[tuple[str | int, Reject]], prices: Prices
    ) -> None:
        base, final = prices.cents(item.base), prices.cents(item.club)
        till = item.till or None
        if final >= base:
            rejects.append((item.code, _NOT_BELOW))
        elif till and not prices.least < till < prices.most:
            self._slowly(item, candidates, rejects, prices)
        else:
            code = str(item.code)
            name, ean = fields.clean_name(item.name, code), fields.clean_ean(item.ean)
            till = till and prices.cents(till)
            candidates.append(Candidate(code, name, ean, base, final, item.limit or None, till, self._per_unit))

    def _slowly(
        self, item: _Item, candidates: list[Candidate], rejects: list[tuple[str | int, Reject]], prices: Prices
    ) -> None:
        """Judge a product that is readable but not plain by the full rules."""
        if item.active is False:
            rejects.append((item.code, Reject.INACTIVE))
            return
        product = {
            folded: prices.exact(value) if type(value) is prices.kind else value
            for name, folded in self._folded.items()
            if (value := getattr(item, name)) is not UNSET
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
    prices = {"base": (base, Prices), "club": (club, Prices)}
    return {"code": (fields.CODE, int), "name": (fields.NAME, str), **prices, **_OPTIONAL}


def _item_type(
    keys: Mapping[str, None], attributes: Mapping[str, tuple[str, Any]], price: type[Decimal] | type[float]
) -> type[msgspec.Struct]:
    """Build the type of a product: fields in the order of the wire, no key besides; prices as `price`.

    A till price that is itself the base or club price is read once.
    """
    by_key = {wire: (name, kind) for name, (wire, kind) in reversed(list(attributes.items()))}
    known: list[tuple[str, Any, Any]] = []
    for number, key in enumerate(keys):
        name, kind = by_key.get(key, (f"other{number}", msgspec.Raw))
        optional = name in _OPTIONAL or key not in by_key
        kind = price if kind is Prices else kind
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
