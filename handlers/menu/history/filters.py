"""By what runs are filtered, and the windows to choose that."""

from datetime import date
from functools import partial

from core.configuration.wanted import Section
from core.executions.history import Filter, Kind, ListJobs, RecentDays
from core.texts import T, Text
from handlers.dialogs.chosen import Chosen
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Item, Page
from handlers.dialogs.searching import one_or_all
from handlers.entities.words import heading

ANY = "any"
_ANY_JOB, _ANY_KIND, _ANY_DAY = T("🗂 All jobs"), T("🚦 Any state"), T("📅 Any day")
_USUAL = {"jobs": T("🗂 Job"), "kinds": T("🚦 State"), "days": T("📅 Day")}

KINDS: dict[Kind, Text] = {
    Kind.PROBLEM: T("⚠️ With problems"),
    Kind.GOOD: T("✅ Success"),
    Kind.OPEN: T("⏳ At work or waiting"),
    Kind.NOT_RUN: T("🚫 Cancelled or not run"),
}


def wish(menu: Menu) -> Filter:
    """Return what the person filters by."""
    job, kind, day = (menu.kept.get(name) for name in ("job", "kind", "day"))
    return Filter(job, Kind(kind) if kind else None, date.fromisoformat(day) if day else None)


async def filters(menu: Menu, wanted: Filter) -> Chosen:
    jobs = await menu.use(ListJobs)(menu.actor) if wanted.job_id is not None else []
    job = next((one.name for one in jobs if one.id == wanted.job_id), None)
    chosen = {
        "jobs": T("🗂 {job}", job=job) if job is not None else None,
        "kinds": KINDS[wanted.kind] if wanted.kind is not None else None,
        "days": T("📅 {day}", day=wanted.day) if wanted.day is not None else None,
    }
    return Chosen.of(_USUAL, {name: label for name, label in chosen.items() if label is not None})


async def jobs_page(menu: Menu) -> Page:
    jobs = await menu.use(ListJobs)(menu.actor)
    items = [Item(str(job.id), T("{job}", job=job.name)) for job in jobs]
    asked, every = T("Runs of which job?"), Item(ANY, _ANY_JOB)
    return one_or_all(menu, partial(heading, Section.JOBS), asked, every, items, "jobs")


async def kinds_page(_menu: Menu) -> Page:
    items = [Item(ANY, _ANY_KIND), *(Item(kind.value, label) for kind, label in KINDS.items())]
    return Page(T("🚦 Runs in which state?"), items=items)


async def days_page(menu: Menu) -> Page:
    days = await menu.use(RecentDays)(menu.actor)
    items = [Item(ANY, _ANY_DAY), *(Item(day.isoformat(), T("{day}", day=day)) for day in days)]
    return Page(T("📅 Runs of which day?"), items=items)
