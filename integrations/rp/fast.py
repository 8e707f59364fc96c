"""The short way for clean pages: straight from bytes to candidates (`rp.md` 3, goal P-1).

Strict on purpose: whatever is not exactly as documented makes `read` return None, and the
page takes the tolerant way of `pages.py`. Both agree on every page that passes here.

The danger is a field spelled otherwise (`LIMITE`, `Bloqueádo`), which a strict decoder takes
for an absent one. Therefore the set of keys is learnt from pages read the tolerant way, and
an object with any other key is refused: what is absent here, is absent in every spelling.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec import UNSET, UnsetType

from core.catalogue.lines import Candidate, Reject
from core.money import Cents
from integrations.rp import fields
from integrations.rp.decide import Page, Plan, decide

_NO_CLUB_PRICE, _NOT_BELOW = Reject.NO_CLUB_PRICE, Reject.CLUB_NOT_BELOW_BASE
"""Looked up once: an enum's attribute costs as much as the rest of a rejection."""
_MOST_KEYS = 512
_LONGEST = len("999999999.99")

_OPTIONAL: dict[str, tuple[str, Any]] = {
    "ean": (fields.EAN, str),
    "active": (fields.ACTIVE, bool),
    "blocked": (fields.BLOCKED, str | bool),
    "status": (fields.STATUS, str),
    "limit": (fields.LIMIT, int),
    "till": (fields.TILL, Any),
}


class _Item(Protocol):
    """A product of the learnt type; UNSET means absent in every spelling.

    Prices are whatever stands there, numbers with a point as the bytes of their text.
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
        self._cents = Cents()
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
            document = _document_type(_item_type(keys, self._attributes))
            self._decoder = msgspec.json.Decoder(document, float_hook=str.encode)

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
        """Apply the rules where they are simple; what is not plain goes to `_slowly`.

        Nothing is compared before it is rounded. A base price next to no club price at all only
        needs to be one, which its text tells.
        """
        kept: list[tuple[_Item, Decimal, Decimal]] = []
        found = _Found([], defaultdict(list))
        no_club, not_below, keep = found.rejects[_NO_CLUB_PRICE].append, found.rejects[_NOT_BELOW].append, kept.append
        odd_names = fields.may_be_placeholder("\n".join([item.name for item in items]))
        cents, last, (one, nine, point) = self._cents, cursor, b"19."
        for item in items:
            code, base, club = item.code, item.base, item.club
            if code <= last:
                return None
            last = code
            usual = item.active is True and item.blocked == "N" and item.status == "NORMAL" and not item.limit
            if not (usual or _is_plain(item)) or (odd_names and fields.is_placeholder(item.name)):
                self._slowly(item, found)
                continue
            if type(base) is bytes:
                # 18.9 or 18.90: such a text needs no reading to be known as a price above zero.
                plain = one <= base[0] <= nine and point in base[-3:-1] and len(base) <= _LONGEST
                if plain and type(club) is int and not club:
                    no_club(code)
                    continue
                base = cents[base]
            else:
                base = cents.of(base)
            club = cents[club] if type(club) is bytes else cents.of(club)
            if type(base) is not Decimal or type(club) is not Decimal or not base:
                self._slowly(item, found)
            elif not club:
                no_club(code)
            elif club < base:
                keep((item, base, club))
            else:
                not_below(code)
        if last >= fields.MAX_CODE:
            return None
        candidates = self._candidates(kept, found)
        rejects = {reason: codes for reason, codes in found.rejects.items() if codes}
        return Page(candidates, rejects, len(items), last if items else 0, ascending=True)

    def _candidates(self, kept: list[tuple[_Item, Decimal, Decimal]], found: "_Found") -> list[Candidate]:
        """Return the page's candidates in order, those judged slowly among them."""
        made: list[Candidate] = []
        tidy = fields.are_tidy([item.name for item, _, _ in kept])
        for item, base, club in kept:
            till = item.till
            if type(till) is bytes and till == item.base:
                till = base
            elif till is not UNSET:
                till = self._cents.of(till)
                if till is None:
                    self._slowly(item, found)
                    continue
            code, name, ean = str(item.code), item.name, item.ean
            if not tidy or name.endswith(code):
                name = fields.clean_name(name, code)
            if ean is UNSET or not ean.isdigit() or not ean.isascii() or ean[0] == "0":
                ean = fields.clean_ean(ean)
            made.append(Candidate(code, name, ean, base, club, item.limit or None, till or None, self._per_unit))
        if found.candidates:
            made = sorted(made + found.candidates, key=lambda candidate: int(candidate.code))
        return made

    def _slowly(self, item: _Item, found: "_Found") -> None:
        """Judge a product that is readable but not plain by the full rules."""
        if item.active is False:
            found.rejects[Reject.INACTIVE].append(item.code)
            return
        product = {
            folded: value.decode() if type(value) is bytes else value
            for name, folded in self._folded.items()
            if (value := getattr(item, name)) is not UNSET
        }
        verdict = decide(product, str(item.code), self._plan)
        if isinstance(verdict, Candidate):
            found.candidates.append(verdict)
        else:
            found.rejects[verdict].append(item.code)


class _Found(NamedTuple):
    """What was judged so far, but for the plain candidates."""

    candidates: list[Candidate]
    rejects: defaultdict[Reject, list[str | int]]


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
    prices = {"base": (base, Any), "club": (club, Any)}
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
