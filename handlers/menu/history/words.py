"""Runs and their findings in words."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from core.clock import local_date
from core.executions.findings import StoreFindings
from core.executions.history import RunRow
from core.executions.states import ICONS
from core.i18n import Translator
from core.lookup.why import Answer, Past
from core.texts import TN, T, Text
from handlers.dialogs.widths import ROW, breadth, clipped_apart
from handlers.lookup.words import standing_of
from handlers.menu.stores.words import last_sync

_ANSWERS = 12


def run_label(row: RunRow, now: datetime, say: Translator, jobs: Collection[str]) -> Text:
    """Return a run in the line of a button; today needs no date.

    It has as much of the job's name as a phone shows, and of that what tells it from the names of other `jobs` there.
    """
    at = row.at.astimezone(say.zone)
    when = T("{time}", time=at.time())
    if at.date() != local_date(now, say.zone):
        when = T("{month}/{day}, {time}", month=f"{at:%m}", day=f"{at:%d}", time=at.time())
    room = ROW - breadth(say(_of_run(row, when, "")))
    return _of_run(row, when, clipped_apart(row.job, jobs, room))


def _of_run(row: RunRow, when: Text, job: str) -> Text:
    icon = ICONS[row.state]
    if row.dry_run:
        # Of its stores none is meant to become good.
        return T("{icon} dry run {when} · {job}", icon=icon, when=when, job=job)
    done = T(" · {good}/{stores}", good=row.good, stores=row.stores) if row.stores else ""
    return T("{icon} {when}{done} · {job}", icon=icon, when=when, done=done, job=job)


def counted(findings: StoreFindings) -> list[Text]:
    """Say what was counted at a store, in the order in which it happened."""
    counts = findings.store.counts
    lines: list[Text] = []
    if "read" in counts:
        lines.append(TN("📖 {n} product read", "📖 {n} products read", counts["read"], T("📖 No products read")))
    if findings.scanned_at is not None:
        lines.append(T("🕓 Read from the ERP at {at}", at=findings.scanned_at))
    if findings.lines and (findings.store.worked_out or findings.store.dry_run):
        lines.append(TN("🧪 {n} product worked out only", "🧪 {n} products worked out only", len(findings.lines)))
    elif findings.lines:
        lines.append(TN("📋 {n} product prepared", "📋 {n} products prepared", len(findings.lines)))
    if findings.held:
        lines.append(TN("✋ {n} product held", "✋ {n} products held", len(findings.held)))
    if rejected := sum(map(len, findings.rejects.values())):
        lines.append(TN("⚪ {n} product without discount", "⚪ {n} products without discount", rejected))
    if "changed" in counts:
        same = T("🔁 No products changed")
        lines.append(TN("🔁 {n} product changed", "🔁 {n} products changed", counts["changed"], same))
    if findings.verified_at is not None:
        lines.append(T("✅ Read back as live at {at}", at=findings.verified_at))
    if findings.store.campaign is not None and findings.verified_at is not None:
        lines.append(T("🕕 Live from {start} to {end}", **_window(findings)))
    return lines


def _window(findings: StoreFindings) -> dict[str, Text]:
    campaign = findings.store.campaign
    assert campaign is not None  # noqa: S101 - by the caller
    zone = campaign.zone
    return {
        "start": T("{time}", time=campaign.start.astimezone(zone).time()),
        "end": T("{time}", time=campaign.end.astimezone(zone).time()),
    }


def why_lines(answers: Sequence[Answer]) -> list[Text]:
    """Answer for every store why a product is not on promotion there."""
    if not answers:
        return [T("You have no active store, so there is no answer.")]
    lines: list[Text] = []
    for answer in answers[:_ANSWERS]:
        lines.append(standing_of(answer.price, T("{store}", store=answer.price.store)))
        lines += _past(answer.past)
        if answer.last is not None and not answer.last.outcome.good:
            lines += [T("   {sync}", sync=said) for said in last_sync(answer.last)]
        if answer.price.scanned_at is not None:
            age: timedelta = answer.price.now - answer.price.scanned_at
            lines.append(T("   Read from the ERP {age} ago.", age=age))
    if (more := len(answers) - _ANSWERS) > 0:
        lines.append(TN("… and {n} more store", "… and {n} more stores", more))
    return lines


def _past(past: Past) -> list[Text]:
    """Say when a product was live last, or how far back that was looked for where it was not to the end."""
    if past.ended is not None:
        return [T("   It was live until {day}; since then the ERP has ended it.", day=past.ended)]
    if not past.more:
        return []
    if past.back_to is None:
        return [T("   Its older lists were not looked at. Name this store alone after the code to have it done.")]
    return [T("   In its lists back to {day} it was not live; older ones were not looked at.", day=past.back_to)]
