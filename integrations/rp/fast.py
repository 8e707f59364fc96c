"""The short way for clean pages: straight from bytes to candidates (`rp.md` 3, goal P-1).

Strict on purpose: whatever is not exactly as documented makes `read` return None, and the
page takes the tolerant way of `pages.py`. Both agree on every page that passes here.

The danger is a field spelled otherwise (`LIMITE`, `Bloqueádo`), which a strict decoder takes
for an absent one. Therefore the set of keys is learnt from pages read the tolerant way
(`shape.py`), and an object with any other key is refused: what is absent here, is absent in
every spelling.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import chain, islice
from operator import lt
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec import UNSET, UnsetType

from core.catalogue.lines import Candidate, Reject
from core.money import Cents
from integrations.rp import fields
from integrations.rp.decide import Page, Plan, decide
from integrations.rp.shape import Shape, attributes_of, document_type

_NO_CLUB_PRICE, _NOT_BELOW = Reject.NO_CLUB_PRICE, Reject.CLUB_NOT_BELOW_BASE
"""Looked up once: an enum's attribute costs as much as the rest of a rejection."""
_NOTHING = 0
"""A price of 0 is nearly always this very object, and `false` never is; others take the longer way."""
_ABOVE_ZERO = re.compile(rb"(?:[1-9]\d{0,8}\.\d{1,2},)*")
"""Prices such as 18.9 or 18.90: no reading needed to know them as above zero."""


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
        attributes = attributes_of(plan)
        self._shape = Shape(attributes) if attributes else None
        self._per_unit = fields.is_per_unit(plan.base[0])
        self._folded = {name: fields.fold(wire) for name, (wire, _) in attributes.items()}
        self._cents = Cents()
        self._decoder: msgspec.json.Decoder[Any] | None = None

    def learn(self, items: Sequence[Mapping[str, Any]]) -> None:
        """Take in the keys of products read the tolerant way; pages with odd ones teach nothing."""
        if self._shape is None or not all(map(self._is_fit, dict.fromkeys(chain.from_iterable(items)))):
            return
        if self._shape.learn(items):
            self._decoder = msgspec.json.Decoder(document_type(self._shape.item_type()), float_hook=str.encode)

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

    def _judge(self, items: list[_Item], cursor: int) -> Page | None:
        """Apply the rules where they are simple; what is not plain goes to `_slowly`.

        The questions are put to all products at once, one question after the other.
        """
        codes = [item.code for item in items]
        last = codes[-1] if codes else 0
        if not (codes and cursor < codes[0] and last < fields.MAX_CODE and all(map(lt, codes, islice(codes, 1, None)))):
            # Out of order, or empty: an end is proven by an answer that was looked at in full.
            return None
        found = _Found([], defaultdict(list))
        plain = self._plain(items, found)
        priced = [item for item in plain if item.club is not _NOTHING]
        if len(priced) < len(plain):
            free = [item for item in plain if item.club is _NOTHING]
            if _are_above_zero([item.base for item in free]):
                found.rejects[_NO_CLUB_PRICE] += [item.code for item in free]
            else:
                priced = plain
        candidates = self._candidates(self._discounted(priced, found), found)
        rejects = {reason: sorted(listed) for reason, listed in found.rejects.items() if listed}
        return Page(candidates, rejects, len(items), last, ascending=True)

    def _plain(self, items: list[_Item], found: "_Found") -> list[_Item]:
        """Judge what is more than its prices; return the others."""
        special = [
            item
            for item in items
            if not (item.active is True and item.blocked == "N" and item.status == "NORMAL" and not item.limit)
            and not _is_plain(item)
        ]
        if fields.may_be_placeholder("\n".join([item.name for item in items])):
            special += [item for item in items if fields.is_placeholder(item.name)]
        if not special:
            return items
        judged = {item.code: item for item in special}
        for item in judged.values():
            self._slowly(item, found)
        return [item for item in items if item.code not in judged]

    def _discounted(self, items: list[_Item], found: "_Found") -> list[tuple[_Item, Decimal, Decimal]]:
        """Return the products whose club price is below their base price, with both.

        Nothing is compared before it is rounded.
        """
        kept: list[tuple[_Item, Decimal, Decimal]] = []
        cents = self._cents
        for item in items:
            base, club = item.base, item.club
            base = cents[base] if type(base) is bytes else cents.of(base)
            club = cents[club] if type(club) is bytes else cents.of(club)
            if type(base) is not Decimal or type(club) is not Decimal or not base:
                self._slowly(item, found)
            elif not club:
                found.rejects[_NO_CLUB_PRICE].append(item.code)
            elif club < base:
                kept.append((item, base, club))
            else:
                found.rejects[_NOT_BELOW].append(item.code)
        return kept

    def _candidates(self, kept: list[tuple[_Item, Decimal, Decimal]], found: "_Found") -> list[Candidate]:
        """Return the page's candidates in order, those judged slowly among them."""
        made: list[Candidate] = []
        codes = [str(item.code) for item, _, _ in kept]
        names = fields.clean_names([item.name for item, _, _ in kept], codes)
        eans = fields.clean_eans([item.ean for item, _, _ in kept])
        for (item, base, club), code, name, ean in zip(kept, codes, names, eans, strict=True):
            till = item.till
            if type(till) is bytes and till == item.base:
                till = base
            elif till is not UNSET:
                till = self._cents.of(till)
                if till is None:
                    self._slowly(item, found)
                    continue
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


def _are_above_zero(prices: list[Any]) -> bool:
    """Tell whether all are the texts of prices above zero; False when that takes reading them."""
    try:
        return _ABOVE_ZERO.fullmatch(b",".join([*prices, b""])) is not None
    except TypeError:
        return False
