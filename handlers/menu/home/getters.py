"""What the windows of the home menu show."""

from core.access import Permission
from core.chat.status import ShowHome, ShowStatus
from core.configuration.wanted import Section
from core.errors import Forbidden
from core.executions.history import ListJobs
from core.executions.words import sent_by_old_system
from core.i18n import LOCALES, own_name
from core.jobs.model import JobType
from core.texts import T
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Item, Page
from handlers.dialogs.searching import listed, search_lines
from handlers.entities.words import heading
from handlers.links import private_link
from handlers.menu.home.actions import AS_IN_TELEGRAM, runnable
from handlers.menu.home.words import HOME, KINDS, brake, jobs, last_runs, running, troubles


async def main_page(menu: Menu) -> Page:
    """Show how things stand and the ways to all else; in a group only what everybody there may see."""
    found = await menu.use(ShowHome)(menu.actor)
    now = found.standing
    lines = [*brake(now), *running(now)]
    if not menu.talk.private:
        return Page(HOME, lines, offers=frozenset({"full", *_running(menu)}))
    offers = {"stores", "language", *_running(menu)}
    offers |= {"brake"} if menu.actor.may(Permission.RUN) else set()
    if menu.actor.may(Permission.CONFIGURE):
        offers |= {"jobs", "integrations", "channels", "people", "settings"} | ({"steps"} if found.steps else set())
    return Page(HOME, [*lines, *troubles(now, found.ill), *last_runs(found.ill)], offers=frozenset(offers))


def _running(menu: Menu) -> set[str]:
    return {"run"} if menu.actor.may(Permission.RUN) else set()


async def private_address(menu: Menu) -> str:
    """Return the address of the private chat, where the whole menu is."""
    return await private_link(menu.bot, "menu")


async def status_page(menu: Menu) -> Page:
    found = await menu.use(ShowStatus)(menu.actor)
    now = found.standing
    return Page(
        T("🧭 How things stand"),
        [*brake(now), *troubles(now, found.jobs), *running(now), *jobs(found), *sent_by_old_system(found.worked_out)],
    )


async def run_page(menu: Menu) -> Page:
    if not menu.actor.may(Permission.RUN):
        raise Forbidden
    jobs = await runnable(menu)
    items = [Item(str(job.id), T("{job} · {kind}", job=job.name, kind=KINDS[job.type])) for job in jobs]
    found = listed(menu, items, "jobs")
    lines = [T("Run which job?"), *search_lines(menu.search("jobs"), found)] if jobs else [T("No job is set up yet.")]
    return Page.of(heading(Section.JOBS, found.total), lines, found.rows, found)


async def job_page(menu: Menu) -> Page:
    found = [job for job in await menu.use(ListJobs)(menu.actor) if job.id == menu.data["job"]]
    if not found or not menu.actor.may(Permission.RUN):
        return Page(T("That job does not exist any more."))
    (job,) = found
    offers = {"now"} if job.type is JobType.COMPARE_DATA else {"now", "dry"}
    lines = [T("It runs for all its stores that are yours. Only some stores: /sync 001 002")]
    if job.type is JobType.CLEANUP:
        lines = [T("It removes what is old. A dry run only counts it.")]
    return Page(T("🗓 {job} · {kind}", job=job.name, kind=KINDS[job.type]), lines, offers=frozenset(offers))


async def language_page(menu: Menu) -> Page:
    """Offer every language in its own words."""
    if not menu.talk.private:
        return Page(T("🗣 What I speak in a group is set in the form of its channel, under /channels."))
    items = [Item(one, T("{language}", language=own_name(one))) for one in LOCALES]
    items.append(Item(AS_IN_TELEGRAM, T("📱 As my Telegram is set")))
    return Page(T("🗣 Which language shall I speak with you?"), items=items)


async def find_page(_menu: Menu) -> Page:
    return Page(
        T("🔎 Look a product up"),
        [T("Type its code, its barcode, or words of its name. The answer comes as a message.")],
    )
