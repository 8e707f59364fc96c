"""What became of a store, in a word."""

from collections.abc import Callable

from core.executions.states import Outcome
from core.texts import TN, Text

_OUTCOMES: dict[Outcome, Callable[[int], Text]] = {
    Outcome.VERIFIED: lambda n: TN("verified", "verified", n),
    Outcome.ALREADY_LIVE: lambda n: TN("already live", "already live", n),
    Outcome.NOTHING_TO_SEND: lambda n: TN("nothing to send", "nothing to send", n),
    Outcome.HELD: lambda n: TN("held", "held", n),
    Outcome.FAILED: lambda n: TN("failed", "failed", n),
    Outcome.NOT_VERIFIED: lambda n: TN("not verified", "not verified", n),
    Outcome.TOO_LATE: lambda n: TN("too late", "too late", n),
    Outcome.CANCELLED: lambda n: TN("cancelled", "cancelled", n),
    Outcome.SKIPPED: lambda n: TN("skipped", "skipped", n),
    Outcome.EQUAL: lambda n: TN("equal", "equal", n),
    Outcome.DIFFERENT: lambda n: TN("different", "different", n),
    Outcome.NOT_COMPARED: lambda n: TN("could not compare", "could not compare", n),
}


def would_be_fine(stores: int) -> Text:
    """Say what a dry run came to."""
    return TN("{n} store would be fine. Nothing was sent.", "{n} stores would be fine. Nothing was sent.", stores)


def worked_out_word(stores: int = 1) -> Text:
    """Return the word for stores of which nothing was to be sent, since the old system still sends them."""
    return TN("worked out only", "worked out only", stores)


def sent_by_old_system(stores: int) -> list[Text]:
    """Say how many stores runs only work out; nothing for none."""
    said = TN(
        "🧪 {n} store is worked out only: the old system still sends it.",
        "🧪 {n} stores are worked out only: the old system still sends them.",
        stores,
    )
    return [said] if stores else []


def outcome_word(outcome: Outcome, stores: int = 1) -> Text:
    """Return the word, which agrees with so many stores."""
    return _OUTCOMES[outcome](stores)
