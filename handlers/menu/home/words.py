"""The words about how things stand: what runs, what is next, what needs somebody."""

from collections.abc import Iterable
from math import inf

from core.chat.status import JobStatus, RunStatus, Standing, Status
from core.executions.starting import PLANNED
from core.executions.states import ICONS, State
from core.jobs.model import JobType
from core.texts import TN, T, Text
from handlers.cards.words import STATES
from handlers.formatting import shorten

KINDS: dict[JobType, Text] = {
    JobType.SYNC_PRODUCTS: T("sync"),
    JobType.COMPARE_DATA: T("compare"),
    JobType.CLEANUP: T("cleanup"),
}
_JOBS = 8
"""So many jobs are told of with their times."""
_NAME = 40
_WELL = frozenset({None, State.SUCCESS})
HOME = T("🏠 Home: what would you like to do?")


def brake(found: Standing) -> list[Text]:
    if found.paused_at is None:
        return []
    return [T("⏸ Sending is paused since {at}, by {name}.", at=found.paused_at, name=found.paused_by or "?")]


def running(found: Standing) -> list[Text]:
    if not found.running:
        return [T("💤 Nothing is running.")]
    return [_run(run) for run in found.running]


def _run(run: RunStatus) -> Text:
    if run.state is State.PENDING and run.trigger == PLANNED and run.due_at is not None:
        planned = TN("{job}, {n} store", "{job}, {n} stores", run.stores, job=run.job)
        return T("🗓 Planned for {at}: {what}", at=run.due_at, what=planned)
    if not run.stores:
        return T("{icon} {state}: {job}", icon=ICONS[run.state], state=STATES[run.state], job=run.job)
    return TN(
        "{icon} {state}: {job}, {done} of {n} store",
        "{icon} {state}: {job}, {done} of {n} stores",
        run.stores,
        icon=ICONS[run.state],
        state=STATES[run.state],
        job=run.job,
        done=run.done,
    )


def jobs(found: Status) -> list[Text]:
    """Tell of every job that did not end well, briefly where these are many; of the others as far as there is room."""
    if not found.jobs:
        return [T("No job is set up yet.")]
    ill = [(job, state) for job in found.jobs if (state := job.last_state) not in _WELL]
    well = sorted((job for job in found.jobs if job.last_state in _WELL), key=_next)
    room = max(_JOBS - len(ill), 0)
    lines = last_runs([*(job for job, _ in ill[:_JOBS]), *well[:room]])
    lines += [_ending(job, state) for job, state in ill[_JOBS:] if state is not None]
    if more := len(well[room:]):
        lines.append(
            TN(
                "🗓 {n} other job: its last run went well, or there was none",
                "🗓 {n} other jobs: their last runs went well, or there were none",
                more,
            )
        )
    return lines


def last_runs(found: Iterable[JobStatus]) -> list[Text]:
    return [_job(job) for job in found]


def _next(job: JobStatus) -> float:
    return job.next_at.timestamp() if job.next_at is not None else inf


def _ending(job: JobStatus, state: State) -> Text:
    return T("{icon} {job}: {state}", icon=ICONS[state], job=shorten(job.name, _NAME), state=STATES[state])


def _job(job: JobStatus) -> Text:
    last = (
        T("never ran")
        if job.last_state is None or job.last_at is None
        else T("last: {icon} {state}, {at}", icon=ICONS[job.last_state], state=STATES[job.last_state], at=job.last_at)
    )
    if job.next_at is not None:
        return T("🗓 {job}, {last}; next: {at}", job=job.name, last=last, at=job.next_at)
    return T("🗓 {job}, {last}", job=job.name, last=last)


def troubles(found: Standing, jobs: Iterable[JobStatus]) -> list[Text]:
    """Tell of every part that is in trouble, or that none is, unless a last run that ended ill speaks against it."""
    lines = [T("🔑 {name} needs credentials. {reason}", name=name, reason=reason) for name, reason in found.latched]
    lines += [T("🔕 The channel “{name}” is off: {reason}", name=name, reason=reason) for name, reason in found.closed]
    lines += [T("🧩 “{name}” does not work: {reason}", name=name, reason=reason) for name, reason in found.broken]
    if found.undelivered:
        lines.append(
            TN(
                "✉️ {n} message could not be delivered: /outbox",
                "✉️ {n} messages could not be delivered: /outbox",
                found.undelivered,
            )
        )
    well = all(job.last_state in _WELL for job in jobs)
    return lines or ([T("✅ Every part is healthy.")] if well else [])
