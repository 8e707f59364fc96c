"""What a channel without cards is told of a run: once when it starts, once when it ends (CH-14)."""

from collections.abc import Sequence

from core.executions.model import Execution, Step
from core.executions.states import Event, Outcome
from core.executions.words import outcome_word, worked_out_word, would_be_fine
from core.housekeeping.purging import read_freed
from core.housekeeping.words import told
from core.jobs.model import JobType
from core.texts import T, Text

_SHOWN = 20
RESULTS: dict[Event, Text] = {
    Event.START: T("started"),
    Event.SUCCESS: T("success"),
    Event.PARTIAL: T("partial"),
    Event.FAILURE: T("failed"),
    Event.CANCELLED: T("cancelled"),
    Event.MISSED: T("missed, it did not run"),
    Event.HELD: T("held, somebody must decide"),
    Event.RECOVERED: T("good again"),
    Event.NOT_LIVE_BEFORE_OPENING: T("not live before opening"),
    Event.NEEDS_CREDENTIALS: T("needs credentials"),
    Event.DIGEST: T("morning digest"),
    Event.WEEKLY_REPORT: T("weekly report"),
}
"""What the placeholder `{result}` stands for."""
WHAT_NEXT = T("Release or retry them on the card of the run, or start /sync.")
_FOR_SOMEBODY = frozenset({Event.PARTIAL, Event.FAILURE, Event.HELD})


def tell_event(
    job: str, event: Event, steps: Sequence[tuple[str, Step]], execution: Execution
) -> tuple[Text, list[Text]]:
    """Return heading and lines; `steps` are the run's stores by name."""
    if event is Event.START:
        return _title(job, event), []
    if execution.type == JobType.CLEANUP:
        reason = [Text.from_json(execution.reason)] if execution.reason is not None else []
        return _title(job, event), [*told(read_freed(execution.counts), dry_run=execution.dry_run), *reason]
    return _title(job, event), _lines(steps, dry_run=execution.dry_run)


def what_next(event: Event, execution: Execution) -> list[Text]:
    """Say what somebody can do about the stores of a run that are not good."""
    sync = execution.type == JobType.SYNC_PRODUCTS and not execution.dry_run
    return [WHAT_NEXT] if sync and event in _FOR_SOMEBODY else []


def _title(job: str, event: Event) -> Text:
    match event:
        case Event.START:
            return T("⏳ {job}: started", job=job)
        case Event.SUCCESS:
            return T("✅ {job}: success", job=job)
        case Event.PARTIAL:
            return T("⚠️ {job}: partial", job=job)
        case Event.FAILURE:
            return T("❌ {job}: failed", job=job)
        case Event.CANCELLED:
            return T("🚫 {job}: cancelled", job=job)
        case Event.MISSED:
            return T("⏭ {job}: missed, it did not run", job=job)
        case Event.HELD:
            return T("✋ {job}: held, somebody must decide", job=job)
        case Event.RECOVERED:
            return T("✅ {job}: good again", job=job)
        case _:
            return T("🔔 {job}", job=job)


def _lines(steps: Sequence[tuple[str, Step]], *, dry_run: bool) -> list[Text]:
    """Count the good stores, and name the others with their reasons, those last that the old system sends."""
    apart = [(n, step) for n, step in steps if step.worked_out]
    ours = [(n, step) for n, step in steps if not step.worked_out]
    bad = [(n, step) for n, step in ours if not (step.outcome and Outcome(step.outcome).well(dry_run=dry_run))]
    good = len(ours) - len(bad)
    head = T("Good stores: {good} of {total}.", good=good, total=len(ours))
    if dry_run:
        head = would_be_fine(good)
    if apart and not ours:
        head = T("Nothing was sent: the old system still sends these stores.")
    told = [*bad, *apart]
    named = [_store(name, step) for name, step in told[:_SHOWN]]
    more = [T("… and {n} more", n=len(told) - _SHOWN)] if len(told) > _SHOWN else []
    return [head, *named, *more]


def _store(name: str, step: Step) -> Text:
    if step.outcome is None:
        return T("• {store}: not done yet", store=name)
    outcome = worked_out_word() if step.worked_out else outcome_word(Outcome(step.outcome))
    if step.reason is None:
        return T("• {store}: {outcome}", store=name, outcome=outcome)
    return T("• {store}: {outcome}. {reason}", store=name, outcome=outcome, reason=Text.from_json(step.reason))
