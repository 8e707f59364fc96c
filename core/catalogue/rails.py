"""Guard rails: what is held back until a human has looked at it (`rules.md` 1.6, 1.7).

Every bound is inclusive: exactly 80 % off passes, "more than that" is held. All percentages
are compared by multiplication, so no rounding ever decides.
"""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.catalogue.lines import Candidate, Line

MIN_BASELINE = 20
"""`max_changed_percent` needs a last verified list of at least so many lines (`rules.md` 1.7)."""

_HUNDRED = 100
_TENTH = Decimal("0.1")

Release = tuple[str, Decimal, Decimal]
"""What a human released: code, base price, final price; void once one of them changes."""


class GuardRails(BaseModel):
    """Bounds per job, in percent; null switches one off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_discount_percent: int | None = Field(
        80,
        ge=0,
        le=100,
        title="Largest discount",
        description="A product with more than this off its regular price is held.",
        examples=[80],
        json_schema_extra={"unit": "%"},
    )
    below_till: bool = Field(
        default=True,
        title="Below till price",
        description="A promotion that is not cheaper than the price at the till is held.",
        examples=[True],
    )
    max_price_change_percent: int | None = Field(
        70,
        ge=0,
        title="Largest price change",
        description="A product whose final price moved more than this since it was last live is held.",
        examples=[70],
        json_schema_extra={"unit": "%"},
    )
    min_lines_percent: int | None = Field(
        50,
        ge=0,
        le=100,
        title="Fewest products",
        description="A store with fewer products than this share of the last live list is held.",
        examples=[50],
        json_schema_extra={"unit": "%"},
    )
    max_changed_percent: int | None = Field(
        80,
        ge=0,
        title="Most changed products",
        description="A store where more than this share was added, removed or repriced is held.",
        examples=[80],
        json_schema_extra={"unit": "%"},
    )

    @field_validator("below_till", mode="before")
    @classmethod
    def _null_is_off(cls, value: Any) -> Any:
        return False if value is None else value


class LineHold(StrEnum):
    """Why a line is held; the first that applies counts."""

    MAX_DISCOUNT = "max_discount_percent"
    BELOW_TILL = "below_till"
    MAX_PRICE_CHANGE = "max_price_change_percent"


class HeldLine(msgspec.Struct, frozen=True):
    """A product that is not sent until released.

    `actual` broke `allowed`: percents for the two percent rails (rounded up to a tenth, so
    that it never looks like the bound), final and till price for `below_till`. `last` is the
    last verified final price, where that was what mattered.
    """

    candidate: Candidate
    reason: LineHold
    actual: Decimal
    allowed: Decimal
    last: Decimal | None = None


class StoreReason(StrEnum):
    """Why nothing is sent to a store."""

    NO_LINES = "no_lines"
    MIN_LINES = "min_lines_percent"
    MAX_CHANGED = "max_changed_percent"
    FOREIGN_LINES = "foreign_lines"


class StoreHold(msgspec.Struct, frozen=True):
    """A store that gets nothing until released: the counts behind the reason.

    `lines` ready to be sent, `last` verified ones, `allowed` the percent of the rail, and how
    many lines would be `added`, `removed` or `repriced`.
    """

    reason: StoreReason
    lines: int
    last: int
    allowed: int | None = None
    added: int = 0
    removed: int = 0
    repriced: int = 0


def hold_lines(
    candidates: Collection[Candidate],
    prices: Mapping[str, Decimal],
    rails: GuardRails,
    released: AbstractSet[Release] = frozenset(),
) -> tuple[list[Candidate], list[HeldLine]]:
    """Part the candidates into those to send and those held (`rules.md` 1.6).

    `prices` are the last verified final prices by code, whether or not the product was in the
    last list: what was held once is no newcomer the second time. Empty before the first sync.
    """
    bound = rails.max_discount_percent
    least = Decimal(0 if bound is None else _HUNDRED - bound) / _HUNDRED
    # All but few are plainly within all bounds: the same questions as below, asked of all at once.
    doubtful = [
        c
        for c in candidates
        if c.final < c.base * least
        or (c.till is not None and c.till <= c.final)
        or (prices and prices.get(c.code, c.final) != c.final)
    ]
    held = [
        hold
        for c in doubtful
        if (c.code, c.base, c.final) not in released and (hold := _hold(c, prices.get(c.code), rails)) is not None
    ]
    barred = {id(hold.candidate) for hold in held}
    return [c for c in candidates if id(c) not in barred], held


def _hold(candidate: Candidate, last: Decimal | None, rails: GuardRails) -> HeldLine | None:
    base, final, till = candidate.base, candidate.final, candidate.till
    bound = rails.max_discount_percent
    if bound is not None and (base - final) * _HUNDRED > base * bound:
        return HeldLine(candidate, LineHold.MAX_DISCOUNT, _percent(base - final, base), Decimal(bound))
    if rails.below_till and till is not None and 0 < till <= final and not candidate.per_unit:
        return HeldLine(candidate, LineHold.BELOW_TILL, final, till)
    bound = rails.max_price_change_percent
    if bound is None or last is None or last <= 0:
        return None
    moved = abs(final - last)
    if moved * _HUNDRED <= last * bound:
        return None
    return HeldLine(candidate, LineHold.MAX_PRICE_CHANGE, _percent(moved, last), Decimal(bound), last)


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (part * _HUNDRED / whole).quantize(_TENTH, ROUND_CEILING)


def hold_store(to_send: Sequence[Line], verified: Mapping[str, Line] | None, rails: GuardRails) -> list[StoreHold]:
    """Return every reason to send this store nothing, none if all is well (`rules.md` 1.7).

    `verified` are the last verified lines by code, None before the first sync. Shares are of
    their number, so a full exchange counts as 200 % changed. FOREIGN_LINES is never among the
    reasons: it needs the platform's answer, see `core.catalogue.compare.foreign` (3.4).
    """
    last = len(verified or ())
    if not to_send:
        return [StoreHold(StoreReason.NO_LINES, 0, last)]
    if verified is None:
        return []
    holds = (_min_lines(len(to_send), last, rails), _max_changed(to_send, verified, rails))
    return [hold for hold in holds if hold is not None]


def _min_lines(lines: int, last: int, rails: GuardRails) -> StoreHold | None:
    bound = rails.min_lines_percent
    if bound is None or lines * _HUNDRED >= last * bound:
        return None
    return StoreHold(StoreReason.MIN_LINES, lines, last, bound)


def _max_changed(to_send: Sequence[Line], verified: Mapping[str, Line], rails: GuardRails) -> StoreHold | None:
    bound, last = rails.max_changed_percent, len(verified)
    if bound is None or last < MIN_BASELINE:
        return None
    added = repriced = 0
    for line in to_send:
        before = verified.get(line.code)
        if before is None:
            added += 1
        elif before.final_price != line.final_price or before.price != line.price:
            repriced += 1
    removed = last - (len(to_send) - added)
    if (added + removed + repriced) * _HUNDRED <= last * bound:
        return None
    return StoreHold(StoreReason.MAX_CHANGED, len(to_send), last, bound, added, removed, repriced)
