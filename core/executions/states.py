"""The words of `rules.md` 4: what a run and a store in it can come to, and which event that is."""

from collections.abc import Collection
from enum import StrEnum


class State(StrEnum):
    """States of an execution."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCESS = "success"
    PARTIAL = "partial"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    MISSED = "missed"
    EXPIRED = "expired"

    @property
    def open(self) -> bool:
        return self in OPEN_STATES


OPEN_STATES = frozenset({State.PENDING, State.RUNNING, State.WAITING})


class Outcome(StrEnum):
    """What became of one store in a run."""

    VERIFIED = "verified"
    ALREADY_LIVE = "already_live"
    NOTHING_TO_SEND = "nothing_to_send"
    HELD = "held"
    FAILED = "failed"
    NOT_VERIFIED = "not_verified"
    TOO_LATE = "too_late"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    EQUAL = "equal"
    DIFFERENT = "different"
    NOT_COMPARED = "not_compared"

    @property
    def good(self) -> bool:
        return self in GOOD_OUTCOMES

    def well(self, *, dry_run: bool) -> bool:
        """Tell whether the store ended well; a dry run that stopped before sending is as good as sent."""
        return self.good or (dry_run and self is Outcome.SKIPPED)


GOOD_OUTCOMES = frozenset({Outcome.VERIFIED, Outcome.ALREADY_LIVE, Outcome.NOTHING_TO_SEND, Outcome.EQUAL})


IN_DOUBT = "in_doubt"
"""Marks, among the counts of a held store, that what it has live is not known since a send of the same run."""

WORKED_OUT = "worked_out"
"""Marks, among the counts of a skipped store, that only its cut-over is missing: the old system still sends it."""


class Event(StrEnum):
    """What notification rules can name."""

    START = "start"
    SUCCESS = "success"
    PARTIAL = "partial"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    MISSED = "missed"
    HELD = "held"
    RECOVERED = "recovered"
    NOT_LIVE_BEFORE_OPENING = "not_live_before_opening"
    NEEDS_CREDENTIALS = "needs_credentials"
    DIGEST = "digest"
    WEEKLY_REPORT = "weekly_report"


_EVENTS = {
    State.SUCCESS: Event.SUCCESS,
    State.PARTIAL: Event.PARTIAL,
    State.FAILED: Event.FAILURE,
    State.TIMED_OUT: Event.FAILURE,
    State.CANCELLED: Event.CANCELLED,
    State.SKIPPED: Event.MISSED,
    State.MISSED: Event.MISSED,
    State.EXPIRED: Event.MISSED,
}

ICONS = {
    State.PENDING: "⏳",
    State.RUNNING: "⏳",
    State.WAITING: "⏳",
    State.SUCCESS: "✅",
    State.PARTIAL: "⚠️",
    State.FAILED: "❌",
    State.TIMED_OUT: "⌛",
    State.CANCELLED: "🚫",
    State.SKIPPED: "⏭",
    State.MISSED: "⏭",
    State.EXPIRED: "⏭",
}


def event_of(state: State) -> Event:
    """Return the event that a run's end in this state is."""
    return _EVENTS[state]


def final_state(
    outcomes: Collection[Outcome],
    *,
    dry_run: bool,
    cancelled: bool,
    timed_out: bool,
    expired: bool,
    worked_out: int = 0,
) -> State:
    """Return what a run of these stores came to (`rules.md` 4).

    A comparison that found differences is partial: it was done, and somebody ought to look.
    Stores that were only worked out are not among the outcomes: neither good nor bad, they are counted apart.
    """
    if timed_out:
        return State.TIMED_OUT
    if expired:
        return State.EXPIRED
    if cancelled:
        return State.CANCELLED
    good = sum(outcome.well(dry_run=dry_run) for outcome in outcomes)
    if good == len(outcomes) and (outcomes or worked_out):
        return State.SUCCESS
    return State.PARTIAL if good or Outcome.DIFFERENT in outcomes else State.FAILED
