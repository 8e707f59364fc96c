"""What a further send would replace: today's campaign of a store (`rules.md` 3.5).

Whoever offers *Release* or *Retry* says so before a person confirms it, and the run that
replaces a campaign says so while it is at work.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.catalogue.model import VerifiedList
from core.clock import local_date
from core.connections.model import Integration
from core.executions.model import Step
from core.jobs.model import Job
from core.organisations.model import Organisation
from core.stores.model import Store
from core.texts import TN, Param, T, Text
from core.windows import DEFAULT_LEAD, plan_window

_SHOWN = 4
"""So many stores are named in a sentence."""


@dataclass(frozen=True, slots=True)
class TodaysCampaign:
    """The campaign that a store has on its day, and what decides when another one could begin."""

    lines: int
    start: datetime
    end: datetime
    store: Store
    zone: ZoneInfo
    lead: timedelta

    def next_start(self, now: datetime) -> datetime | None:
        """Return when a list sent now would start, None when it would be too late."""
        opening = self.store.opens_at(local_date(now, self.zone))
        window = plan_window(now, self.zone, opening, self.lead)
        return window.start if window is not None and window.day == self.start.astimezone(self.zone).date() else None


def load_campaigns(
    session: Session, execution_id: int, stores: Mapping[int, tuple[Store, ZoneInfo, date]], lead: timedelta
) -> dict[int, TodaysCampaign]:
    """Return the last verified campaign of each store of a run that has one on the run's day there."""
    of_store = select(func.max(VerifiedList.id)).where(VerifiedList.store_id == Step.store_id)
    newest = of_store.correlate(Step).scalar_subquery()
    found = session.scalars(
        select(VerifiedList)
        .join(Step, Step.store_id == VerifiedList.store_id)
        .where(Step.execution_id == execution_id, VerifiedList.id == newest)
    )
    campaigns = {}
    for one in found:
        store, zone, day = stores[one.store_id]
        if one.day == day:
            campaigns[one.store_id] = TodaysCampaign(one.count, one.window_start, one.window_end, store, zone, lead)
    return campaigns


def count_campaigns(session: Session, store_ids: Collection[int], now: datetime) -> int:
    """Return how many of these stores have a verified campaign of today that a send would replace."""
    of_store = select(func.max(VerifiedList.id)).where(VerifiedList.store_id == Store.id).correlate(Store)
    found = session.execute(
        select(VerifiedList.day, Store, Organisation)
        .join(Store, Store.id == VerifiedList.store_id)
        .join(Organisation, Organisation.id == Store.organisation_id)
        .where(Store.id.in_(store_ids), Store.cut_over, VerifiedList.id == of_store.scalar_subquery())
    )
    return sum(day == local_date(now, store.zone(home.zone)) for day, store, home in found)


def lead_of(session: Session, job: Job) -> timedelta:
    """Return how long before its start the job's platform wants a campaign."""
    settings: dict[str, Any] | None = session.scalar(
        select(Integration.settings).where(
            Integration.organisation_id == job.organisation_id,
            Integration.name == job.settings.get("target"),
            Integration.deleted_at.is_(None),
        )
    )
    minutes = (settings or {}).get("lead_minutes")
    return DEFAULT_LEAD if minutes is None else timedelta(minutes=minutes)


def if_sent_again(stores: list[tuple[str, TodaysCampaign]], now: datetime | None) -> list[Text]:
    """Say what *Release* or *Retry* does to stores that have their campaign of today already.

    Stores with the same hour share a sentence. Nothing is said of those for which it is too late;
    without `now` no hour is told.
    """
    alike: dict[tuple[datetime | None, bool], list[tuple[str, TodaysCampaign]]] = {}
    for name, campaign in stores:
        start = None if now is None else campaign.next_start(now)
        if now is None or start is not None:
            alike.setdefault((start, _runs(campaign, now)), []).append((name, campaign))
    return [_sent_again(start, group, now) for (start, _), group in alike.items()]


def _sent_again(start: datetime | None, stores: list[tuple[str, TodaysCampaign]], now: datetime | None) -> Text:
    (name, campaign), *others = stores
    hour = "…" if start is None else start.time()
    if others:
        return T(
            "Sent again now, they start at {time} at the earliest and replace {campaign}: {stores}.",
            time=hour,
            campaign=_which(campaign, now),
            stores=some([name for name, _ in stores]),
        )
    about: dict[str, Param] = {"store": name, "time": hour, "campaign": _which(campaign, now)}
    return TN(
        "{store}: sent again now, it starts at {time} at the earliest and replaces {campaign} ({n} product).",
        "{store}: sent again now, it starts at {time} at the earliest and replaces {campaign} ({n} products).",
        campaign.lines,
        T(
            "{store}: sent again now, it starts at {time} at the earliest and replaces {campaign}, an empty one.",
            **about,
        ),
        **about,
    )


def being_replaced(names: list[str], campaigns: list[TodaysCampaign], now: datetime | None) -> Text | None:
    """Say of a run at work which campaigns of today it replaces, and from when on; None for none."""
    starts = [] if now is None else [start for one in campaigns if (start := one.next_start(now)) is not None]
    if not campaigns or (now is not None and not starts):
        return None
    return T(
        "Where prices changed, it replaces {campaign} from {time}: {stores}.",
        campaign=_which(min(campaigns, key=lambda one: one.start), now),
        time=min(starts).time() if starts else "…",
        stores=some(names),
    )


def some(names: list[str]) -> list[str] | Text:
    """Return the names that a sentence has room for, and how many more there are."""
    if len(names) <= _SHOWN:
        return names
    return T("{names} and {count} more", names=names[: _SHOWN - 1], count=len(names) - _SHOWN + 1)


def _runs(campaign: TodaysCampaign, now: datetime | None) -> bool:
    return now is None or campaign.start <= now


def _which(campaign: TodaysCampaign, now: datetime | None) -> Text:
    return T("the running campaign") if _runs(campaign, now) else T("today's campaign")
