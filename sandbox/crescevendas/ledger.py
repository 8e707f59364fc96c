"""What the platform has stored: campaigns of lines, by store registration.

That an upload with `override: 1` replaces exactly the campaigns of its stores whose window overlaps its own
is an assumption; the vendor has published nothing about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

import msgspec

Window = tuple[datetime, datetime]


class PlatformLine(msgspec.Struct, frozen=True):
    """One discount: prices in reais, two places; `limit` units a customer."""

    code: str
    price: Decimal
    final_price: Decimal
    limit: int = 1000


class StoredLine(PlatformLine, frozen=True, kw_only=True):
    """A line with its campaign. start and end are local to the platform's zone, without an offset."""

    start: datetime
    end: datetime
    name: str
    campaign_id: int
    visible_from: datetime
    foreign: bool


@dataclass(slots=True)
class Campaign:
    """Lines that share a window. visible_from and gone_from are aware; gone_from None means it stays."""

    campaign_id: int
    registrations: tuple[str, ...]
    name: str
    start: datetime
    end: datetime
    lines: list[PlatformLine]
    visible_from: datetime
    foreign: bool = False
    gone_from: datetime | None = None

    def overlaps(self, window: Window) -> bool:
        """Tell whether the campaign runs at some moment of a window."""
        return self.start <= window[1] and self.end >= window[0]

    def visible(self, now: datetime) -> bool:
        """Tell whether it can be read at an aware moment."""
        return self.visible_from <= now and (self.gone_from is None or now < self.gone_from)


@dataclass(slots=True)
class Ledger:
    """The campaigns of every store."""

    _stores: dict[str, list[Campaign]] = field(default_factory=dict)
    _last_id: int = 500

    def next_id(self) -> int:
        """Return a fresh campaign number."""
        self._last_id += 1
        return self._last_id

    def add(self, campaign: Campaign, now: datetime, *, override: bool) -> None:
        """Store a campaign under each of its registrations, in place of what overlaps it when overriding."""
        for registration in campaign.registrations:
            kept = [c for c in self._stores.get(registration, []) if c.gone_from is None or now < c.gone_from]
            if override:
                for old in kept:
                    if old.gone_from is None and old.overlaps((campaign.start, campaign.end)):
                        old.gone_from = campaign.visible_from
            own = replace(campaign, registrations=(registration,), lines=list(campaign.lines))
            self._stores[registration] = [*kept, own]

    def readable(self, registration: str | None, window: Window, now: datetime) -> list[Campaign]:
        """Return the visible campaigns that overlap a window; None reads every store's."""
        stores = self._stores if registration is None else [registration]
        campaigns = (campaign for name in stores for campaign in self._stores.get(name, []))
        return [c for c in campaigns if c.visible(now) and c.overlaps(window)]

    def lasting(self, registration: str) -> Iterator[Campaign]:
        """Return a store's campaigns that nothing has replaced, visible yet or not."""
        return (c for c in self._stores.get(registration, []) if c.gone_from is None)

    def lines(self, registration: str) -> list[StoredLine]:
        """Return a store's lasting lines with their windows."""
        return [_stored(campaign, line) for campaign in self.lasting(registration) for line in campaign.lines]

    def alter(self, registration: str, code: str, changes: dict[str, object]) -> int:
        """Change every lasting line with a code; returns how many there were."""
        changed = 0
        for campaign in self.lasting(registration):
            for index, line in enumerate(campaign.lines):
                if line.code == code:
                    campaign.lines[index] = msgspec.structs.replace(line, **changes)
                    changed += 1
        return changed

    def erase(self, registration: str, codes: Iterable[str] | None = None) -> None:
        """Take a store's lines with some codes away, or all of them."""
        gone = None if codes is None else set(codes)
        for campaign in self._stores.get(registration, []):
            campaign.lines = [line for line in campaign.lines if gone is not None and line.code not in gone]

    def clear(self) -> None:
        """Forget everything."""
        self._stores.clear()


def _stored(campaign: Campaign, line: PlatformLine) -> StoredLine:
    return StoredLine(
        line.code,
        line.price,
        line.final_price,
        line.limit,
        start=campaign.start,
        end=campaign.end,
        name=campaign.name,
        campaign_id=campaign.campaign_id,
        visible_from=campaign.visible_from,
        foreign=campaign.foreign,
    )
