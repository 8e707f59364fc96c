"""What the buttons of the home menu do."""

from dataclasses import replace

from core.access import Permission
from core.clock import Clock
from core.errors import NotFound
from core.executions.history import JobRow, ListJobs
from core.executions.starting import Order, StartRun
from core.lookup.product import LookUp, ProductView
from core.people.speaking import ChooseLanguage
from core.texts import T, Text
from handlers.cards.at_work import at_work, say_rest
from handlers.dialogs.menu import Menu
from handlers.dialogs.places import Home
from handlers.lookup.drawing import draw_matches, draw_product

AS_IN_TELEGRAM = "telegram"


async def pick_job(menu: Menu, job_id: int) -> None:
    menu.data["job"] = job_id
    await menu.go(Home.job)


async def runnable(menu: Menu) -> list[JobRow]:
    """Return the jobs that the person can run."""
    whole = menu.actor.may(Permission.CONFIGURE)
    jobs = await menu.use(ListJobs)(menu.actor)
    return [job for job in jobs if job.enabled and (whole or job.type.about_stores)]


async def choose_job(menu: Menu) -> None:
    """Go on to a job; which one is asked only where there are several."""
    found = await runnable(menu) if menu.actor.may(Permission.RUN) else []
    if len(found) == 1:
        await pick_job(menu, found[0].id)
    else:
        await menu.go(Home.run)


async def leave_job(menu: Menu) -> None:
    """Go back to the choice among jobs, or to where the only one was opened from."""
    if menu.entered_here:
        await menu.back()
    else:
        await menu.go(Home.run if len(await runnable(menu)) > 1 else Home.main)


async def run_now(menu: Menu) -> Text:
    return await _start(menu, dry=False)


async def dry_run(menu: Menu) -> Text:
    return await _start(menu, dry=True)


async def _start(menu: Menu, *, dry: bool) -> Text:
    """Start the chosen job. Its card is a message of its own, below the menu."""
    return await start_job(menu, menu.data["job"], dry=dry)


async def start_job(menu: Menu, job_id: int, *, dry: bool = False) -> Text:
    """Start a job for all its stores that are the person's, and say so."""
    jobs = await menu.use(ListJobs)(menu.actor)
    job = next((one for one in jobs if one.id == job_id), None)
    if job is None:
        raise NotFound(T("That job does not exist any more."))
    order = Order(menu.talk.key, job.type, job.name, dry_run=dry, chat=menu.talk.chat)
    started = await menu.use(StartRun)(menu.actor, order)
    if started.new:
        return T("Started: {job}. Its card is below.", job=started.job)
    say_rest(menu.talk, started, order)
    return at_work(started)


async def pick_language(menu: Menu, chosen: str) -> Text:
    """Speak another language from now on, in this very answer already."""
    locale = None if chosen == AS_IN_TELEGRAM else chosen
    await menu.use(ChooseLanguage)(menu.actor, locale)
    if locale is not None:
        menu.talk.spoken = locale
    if locale is not None and menu.talk.private:
        menu.talk.chat = replace(menu.talk.chat, locale=locale)
    await menu.go(Home.main)
    return T("All right, this is how I speak with you now.")


async def look_up(menu: Menu, text: str) -> None:
    """Answer with a message of its own, as /product does."""
    found = await menu.use(LookUp)(menu.actor, text)
    now = (await menu.get(Clock)).now()
    menu.talk.send(draw_product(found, now) if isinstance(found, ProductView) else draw_matches(found, 0, now))
