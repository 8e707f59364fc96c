"""What a send came to, in words (`rules.md` 3): too late, not ours to send, not what was sent, sent often enough."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from core.catalogue.compare import Difference
from core.catalogue.findings import Seen, strangers
from core.catalogue.lines import LiveLine
from core.errors import ChimeraError, HalfSent, TemporarilyUnavailable
from core.executions.byhand import BY_HAND
from core.executions.states import WORKED_OUT, Outcome
from core.texts import TN, T, Text
from core.windows import Window
from jobs.task import StoreResult, StoreTask


@dataclass(slots=True)
class ReadBack:
    """The last read after a send; no `difference` means that nothing could be read."""

    live: Collection[LiveLine] = ()
    difference: Difference | None = None
    error: ChimeraError | None = None

    def seen(self, window: Window) -> Seen:
        """Return what is kept of it for the report."""
        if self.difference is None:
            return Seen()
        return Seen(after=self.difference, live=strangers(self.difference, self.live, window))


def too_late() -> StoreResult:
    """Return the result of a store whose day is as good as over (`rules.md` 2)."""
    return StoreResult(Outcome.TOO_LATE, T("Too late for today's campaign: it would end before it starts."))


def not_ours(task: StoreTask, counts: dict[str, Any], *, again: bool = False) -> StoreResult:
    """Return the result of a store that the old system sends: what a person asked for failed, else it is skipped."""
    if task.execution.type == BY_HAND:
        reason = T("Not sent: the old system sends this store. “Chimera sends” is off in its settings.")
        return StoreResult(Outcome.FAILED, reason, counts)
    if again:
        reason = T(
            "Not sent again: “Chimera sends” was switched off in its settings. "
            "The platform did not show what had been sent before."
        )
        return StoreResult(Outcome.FAILED, reason, counts)
    return StoreResult(Outcome.SKIPPED, T("Not sent: the old system sends this store."), counts | {WORKED_OUT: 1})


def cancelled(*, again: bool) -> Text:
    """Say that a cancel came before a send, or between two."""
    if again:
        return T("Cancelled before it was sent again: the platform did not show what had been sent.")
    return T("Cancelled before anything was sent.")


def moved(counts: dict[str, Any]) -> StoreResult:
    """Return the result of a list that was sent to a platform, or account, which is the store's no more."""
    reason = T("Sent, but the store has another platform, account or registration by now. Run it again.")
    return StoreResult(Outcome.NOT_VERIFIED, reason, counts)


def not_verified(counts: dict[str, Any], read: ReadBack, error: ChimeraError | None, window: Window) -> StoreResult:
    """Say what was read back instead of what was sent. Nothing is sent again."""
    if read.difference is None:
        cause: Text = read.error.text if read.error else T("No answer came.")
        reason = T("Sent, but what is live could not be read: {cause}", cause=cause)
        if isinstance(error, HalfSent):
            reason = T("{first} {second}", first=error.text, second=reason)
        return StoreResult(Outcome.NOT_VERIFIED, reason, counts)
    reason = T("After sending, the platform shows something else: {what}.", what=_amiss(read.difference))
    if error is not None:
        reason = T("{first} {second}", first=error.text, second=reason)
    return StoreResult(Outcome.NOT_VERIFIED, reason, counts | read.difference.counts, read.seen(window))


def _amiss(difference: Difference) -> list[Text]:
    """Say how many products are not as they were sent, and in which way; a zero is not told."""
    missing, extra, wrong = len(difference.missing), len(difference.extra), difference.altered
    told = (
        (missing, TN("{n} missing", "{n} missing", missing)),
        (extra, TN("{n} left over", "{n} left over", extra)),
        (wrong, TN("{n} with another price or limit", "{n} with another price or limit", wrong)),
    )
    return [text for number, text in told if number]


def sent_enough(sends: int, last: ChimeraError | None) -> ChimeraError:
    """Return the error for a list that did not arrive by its last send, whether that was answered or interrupted."""
    text: Text = T("Sent {n} times, and the platform still does not show it. Try again later.", n=sends)
    if last is None:
        return TemporarilyUnavailable(text)
    return TemporarilyUnavailable(T("{first} {second}", first=last.text, second=text), detail=last.detail)
