"""The sentence that says what a run came to, and what to do next."""

from datetime import datetime

from core.executions.byhand import BY_HAND
from core.executions.replacing import being_replaced, if_sent_again, some
from core.executions.starting import RELEASE
from core.executions.states import Outcome, State
from core.executions.views import RunView
from core.executions.words import sent_by_old_system, would_be_fine
from core.housekeeping.words import told
from core.jobs.model import JobType
from core.texts import TN, T, Text

_ENDED_EARLY = {
    State.CANCELLED: T("It was cancelled."),
    State.TIMED_OUT: T("It timed out: the time limit came before every store was done."),
    State.SKIPPED: T("It was skipped: the run before it was still at work."),
    State.MISSED: T("It was missed: nothing ran at its time."),
    State.EXPIRED: T("It expired: its day is over, so nothing is sent any more."),
}
_STAYS = T("What was live before stays live.")


def result_of(run: RunView) -> list[Text]:
    """Return the sentences about a run; none but its own reason while it is at work."""
    reason = [run.reason] if run.reason is not None else []
    if run.state.open:
        return reason
    if run.state in _ENDED_EARLY and not run.freed:
        return [*(reason or _ended_early(run)), *_tomorrow(run)]
    if run.type == JobType.CLEANUP:
        return [*_cleaned(run), *reason]
    if run.type == BY_HAND and run.state is State.SUCCESS:
        return [*_by_hand(run), *reason]
    compares = run.type == JobType.COMPARE_DATA
    sentences = [_compared(run)] if compares else [*_sent(run), *sent_by_old_system(run.worked_out)]
    return [*sentences, *reason, *_tomorrow(run), *_released(run)]


def _ended_early(run: RunView) -> list[Text]:
    """Say why a run came to no result; of a cancelled one also what is live now, where that is sure."""
    ended = [_ENDED_EARLY[run.state]]
    return [*ended, _STAYS] if run.state is State.CANCELLED and run.untouched else ended


def _released(run: RunView) -> list[Text]:
    """Say on the card of a run what of it people released since: the run that sent it has a card of its own."""
    by_name: dict[str, list[str]] = {}
    for store in run.stores:
        if store.released is not None:
            by_name.setdefault(store.released.by, []).append(store.name)
    return [T("Released since by {name}: {stores}.", name=name, stores=some(found)) for name, found in by_name.items()]


def dry_line(run: RunView) -> Text:
    """Say what a dry run does not do."""
    if run.type == JobType.CLEANUP:
        return T("🧪 Dry run: everything is counted, nothing is removed.")
    return T("🧪 Dry run: everything is computed, nothing is sent.")


def _cleaned(run: RunView) -> list[Text]:
    broken = [] if run.state is State.SUCCESS else [T("It ended early. The next run goes on with the rest.")]
    return [*broken, *told(run.freed, dry_run=run.dry_run)]


def _by_hand(run: RunView) -> list[Text]:
    if run.outcomes[Outcome.NOTHING_TO_SEND]:
        return [store.reason for store in run.stores if store.reason is not None]
    return [T("Done, and read back from the platform.")]


def _sent(run: RunView) -> list[Text]:
    apart = run.worked_out
    total = len(run.stores) - apart
    if apart and not total:
        return []
    good = sum(count for one, count in run.outcomes.items() if one.well(dry_run=run.dry_run))
    empty = run.outcomes[Outcome.NOTHING_TO_SEND]
    live = good - empty
    if not good:
        return [T("Failed: no store ended well."), *([_STAYS] if run.untouched else [])]
    if run.dry_run:
        return [would_be_fine(good)]
    if good < total:
        return [_needing(run, live), *_empty(run)]
    if empty:
        carry = TN("{n} store carries today's discounts.", "{n} stores carry today's discounts.", live)
        return [*([carry] if live else []), *_empty(run)]
    if run.trigger == RELEASE:
        return [
            TN(
                "What was released is live: the store carries today's discounts.",
                "What was released is live: all {n} stores carry today's discounts.",
                total,
            )
        ]
    return [TN("The store carries today's discounts.", "All {n} stores carry today's discounts.", total)]


def _needing(run: RunView, live: int) -> Text:
    """Say how many stores wait for somebody: no longer those that were released since."""
    left = sum(
        store.released is None
        and store.outcome is not None
        and not store.worked_out
        and not store.outcome.well(dry_run=run.dry_run)
        for store in run.stores
    )
    total = len(run.stores) - run.worked_out
    if not left:
        return T("{good} of {total} stores live.", good=live, total=total)
    return TN(
        "{good} of {total} stores live, {n} needs you.",
        "{good} of {total} stores live, {n} need you.",
        left,
        good=live,
        total=total,
    )


def _empty(run: RunView) -> list[Text]:
    """Say which stores got nothing because an empty list was released, and what stays live in them."""
    stores = [store for store in run.stores if store.outcome is Outcome.NOTHING_TO_SEND]
    if not stores:
        return []
    names = some([store.name for store in stores])
    sentence = T("Released without discounts today, so nothing was sent: {stores}.", stores=names)
    running = [store.name for store in stores if store.campaign is not None]
    return [
        sentence,
        *([T("Still live there is today's campaign: {stores}.", stores=some(running))] if running else []),
    ]


def _compared(run: RunView) -> Text:
    unread, different = run.outcomes[Outcome.NOT_COMPARED], run.outcomes[Outcome.DIFFERENT]
    if unread:
        return T("Could not compare every store: {number} could not be read.", number=unread)
    if different:
        return TN("{n} store differs from the ERP.", "{n} stores differ from the ERP.", different)
    return T("Everything live is equal to the ERP.")


def _tomorrow(run: RunView) -> list[Text]:
    late = run.outcomes[Outcome.TOO_LATE]
    if not late:
        return []
    if run.tomorrow is not None:
        return [
            TN(
                "Too late for today in {n} store: the job's own run takes it up at {at}.",
                "Too late for today in {n} stores: the job's own run takes them up at {at}.",
                late,
                at=run.tomorrow,
            )
        ]
    return [
        TN(
            "Too late for today in {n} store. “Tomorrow” plans it for the next morning, before opening.",
            "Too late for today in {n} stores. “Tomorrow” plans them for the next morning, before opening.",
            late,
        )
    ]


def replacing(run: RunView, now: datetime | None) -> list[Text]:
    """Say which campaigns of today are replaced: by this run at work, or by *Release* and *Retry* after it."""
    ours = [store for store in run.stores if store.campaign is not None and store.campaign.store.cut_over]
    if run.state.open:
        going = [(store.name, store.campaign) for store in ours if store.outcome is None and store.campaign]
        sentence = being_replaced([name for name, _ in going], [campaign for _, campaign in going], now)
        return [] if sentence is None else [sentence]
    waiting = [store for store in ours if store.waits]
    return if_sent_again([(store.name, store.campaign) for store in waiting if store.campaign is not None], now)
