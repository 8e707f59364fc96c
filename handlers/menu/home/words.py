"""The words about how things stand: what runs, what is next, what needs somebody."""

from core.chat.status import JobStatus, RunStatus, Standing, Status
from core.executions.starting import PLANNED
from core.executions.states import ICONS, State
from core.jobs.model import JobType
from core.texts import TN, T, Text
from handlers.cards.words import STATES

KINDS: dict[JobType, Text] = {
    JobType.SYNC_PRODUCTS: T("sync"),
    JobType.COMPARE_DATA: T("compare"),
    JobType.CLEANUP: T("cleanup"),
}
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
    if not found.jobs:
        return [T("No job is set up yet.")]
    return [_job(job) for job in found.jobs]


def _job(job: JobStatus) -> Text:
    last = (
        T("never ran")
        if job.last_state is None or job.last_at is None
        else T("last: {icon} {state}, {at}", icon=ICONS[job.last_state], state=STATES[job.last_state], at=job.last_at)
    )
    if job.next_at is not None:
        return T("🗓 {job}, {last}; next: {at}", job=job.name, last=last, at=job.next_at)
    return T("🗓 {job}, {last}", job=job.name, last=last)


def troubles(found: Standing) -> list[Text]:
    lines = [T("🔑 {name} needs credentials. {reason}", name=name, reason=reason) for name, reason in found.latched]
    lines += [T("🔕 The channel “{name}” is off: {reason}", name=name, reason=reason) for name, reason in found.closed]
    if found.undelivered:
        lines.append(
            TN(
                "✉️ {n} message could not be delivered: /outbox",
                "✉️ {n} messages could not be delivered: /outbox",
                found.undelivered,
            )
        )
    return lines or [T("✅ Every part is healthy.")]
