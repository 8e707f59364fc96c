"""The words on cards: states, outcomes, reasons of guard rails. An icon never stands alone."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from core.catalogue.lines import Reject
from core.catalogue.rails import LineHold
from core.executions.released import Release
from core.executions.states import Outcome, State
from core.executions.views import StoreView
from core.executions.words import outcome_word, worked_out_word
from core.history.words import author
from core.texts import TN, Param, T, Text, percent

STATES: dict[State, Text] = {
    State.PENDING: T("Waiting to start"),
    State.RUNNING: T("At work"),
    State.WAITING: T("Waiting for somebody"),
    State.SUCCESS: T("Success"),
    State.PARTIAL: T("Partial"),
    State.FAILED: T("Failed"),
    State.TIMED_OUT: T("Timed out"),
    State.CANCELLED: T("Cancelled"),
    State.SKIPPED: T("Skipped"),
    State.MISSED: T("Missed"),
    State.EXPIRED: T("Expired"),
}

_OUTCOME_ICONS: dict[Outcome, str] = {
    Outcome.VERIFIED: "✅",
    Outcome.ALREADY_LIVE: "✅",
    Outcome.NOTHING_TO_SEND: "✅",
    Outcome.EQUAL: "✅",
    Outcome.HELD: "✋",
    Outcome.NOT_VERIFIED: "❓",
    Outcome.FAILED: "❌",
    Outcome.TOO_LATE: "🌙",
    Outcome.DIFFERENT: "≠",
    Outcome.NOT_COMPARED: "❓",
    Outcome.CANCELLED: "🚫",
    Outcome.SKIPPED: "⏭",
}

WORKED_OUT_ICON = "🧪"
_WOULD_SEND = ("🧪", T("would be sent"))


def outcome_of(outcome: Outcome, *, dry_run: bool = False, stores: int = 1) -> tuple[str, Text]:
    """Return icon and word, which agrees with so many stores.

    A dry run that came to the point of sending skipped nothing.
    """
    if dry_run and outcome is Outcome.SKIPPED:
        return _WOULD_SEND
    return _OUTCOME_ICONS[outcome], outcome_word(outcome, stores)


def result_at(store: StoreView, stores: int = 1) -> tuple[str, Text]:
    """Return icon and word for what a store came to, which agrees with so many stores."""
    assert store.outcome is not None  # noqa: S101 - by the caller
    if store.worked_out:
        return WORKED_OUT_ICON, worked_out_word(stores)
    if store.outcome is Outcome.HELD and store.let_go:
        return let_go(stores)
    return outcome_of(store.outcome, dry_run=store.dry_run, stores=stores)


def let_go(stores: int = 1) -> tuple[str, Text]:
    """Return icon and word for a store whose hold was released, which agrees with so many stores."""
    return "✔️", TN("held, released since", "held, released since", stores)


def released(release: Release) -> Text:
    """Say who let go what was held, when, and what became of it."""
    about: dict[str, Param] = {"name": author(release.by), "at": release.at, "number": str(release.run)}
    if release.outcome is None:
        return T("Released by {name}, {at}. Run {number} sends it.", **about)
    icon, word = outcome_of(release.outcome)
    return T("Released by {name}, {at}. Run {number}: {icon} {outcome}.", **about, icon=icon, outcome=word)


PROBLEMS = (
    Outcome.FAILED,
    Outcome.NOT_VERIFIED,
    Outcome.HELD,
    Outcome.TOO_LATE,
    Outcome.NOT_COMPARED,
    Outcome.DIFFERENT,
    Outcome.CANCELLED,
    Outcome.SKIPPED,
)
"""What is shown first on a card, the worst before the rest."""

HOLD_REASONS: dict[str, Text] = {
    LineHold.MAX_DISCOUNT: T("larger discount than the limit allows"),
    LineHold.BELOW_TILL: T("not cheaper than the price at the till"),
    LineHold.MAX_PRICE_CHANGE: T("price moved more than the limit allows"),
}

REJECT_REASONS: dict[Reject, Text] = {
    Reject.INACTIVE: T("inactive at the ERP"),
    Reject.BLOCKED: T("blocked at the ERP"),
    Reject.CANCELLED: T("cancelled at the ERP"),
    Reject.PLACEHOLDER_NAME: T("its name is a placeholder"),
    Reject.INVALID_NUMBER: T("a price or limit is no valid number"),
    Reject.ZERO_PRICE: T("no regular price"),
    Reject.NO_CLUB_PRICE: T("no club price"),
    Reject.CLUB_NOT_BELOW_BASE: T("club price not below the regular price"),
}

_TRIGGERS: dict[str, Callable[[Text], Text]] = {
    "manual": lambda name: T("Manual, by {name}", name=name),
    "retry": lambda name: T("Manual: failed stores again, by {name}", name=name),
    "release": lambda name: T("Manual: released by {name}", name=name),
    "tomorrow": lambda name: T("Manual: planned by {name}", name=name),
    "take_off": lambda name: T("By hand: a product taken off by {name}", name=name),
    "resend": lambda name: T("By hand: the last list sent again by {name}", name=name),
    "clear": lambda name: T("By hand: cleared by {name}", name=name),
    "cli": lambda _name: T("Manual, from the command line"),
}


def started_by(trigger: str, name: str) -> Text:
    """Say what started a run; what nobody started by hand is scheduled."""
    made = _TRIGGERS.get(trigger)
    return made(author(name)) if made else T("Scheduled")


def moved(old: Decimal, new: Decimal) -> Text:
    """Say by how many percent a price went up or down, with a tenth where it is not whole."""
    share = (new - old) * 100 / old if old else Decimal(0)
    tenths = float(share.quantize(Decimal("0.1"), ROUND_HALF_UP))
    return T("+{number}", number=percent(tenths)) if tenths > 0 else percent(tenths)


def stores(number: int) -> Text:
    return TN("{n} store", "{n} stores", number)
