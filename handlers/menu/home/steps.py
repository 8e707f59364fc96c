"""The first steps of a new chain: what is done, what comes next, and the way to each."""

from core.configuration.modules import SOURCE, TARGET
from core.configuration.wanted import Section
from core.entities.viewing import ListEntities
from core.organisations.first_steps import FirstSteps, PutStepsAway, ShowFirstSteps, Step
from core.texts import T, Text
from handlers.confirming.states import Confirming
from handlers.dialogs.area import StaleButton
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import ROWS, Item, Page
from handlers.dialogs.places import Home
from handlers.entities.states import Entities
from handlers.forms.connecting import connect
from handlers.forms.states import Form
from handlers.menu.home.actions import choose_job

_LABELS: dict[Step, Text] = {
    Step.NAME: T("Name the chain"),
    Step.SOURCE: T("Connect the ERP"),
    Step.TARGET: T("Connect the loyalty platform"),
    Step.STORES: T("Add your stores"),
    Step.JOB: T("Make the daily sync"),
    Step.CHANNEL: T("Say where results are told"),
    Step.PIN: T("Give yourself a PIN or app"),
    Step.RUN: T("Run it for the first time"),
}
_HOW: dict[Step, Text] = {
    Step.NAME: T("Next: what the chain is called. The name stands on its messages and files."),
    Step.SOURCE: T("Next: the ERP, with its address and login. It is tested before it is saved."),
    Step.TARGET: T("Next: the loyalty platform, with its e-mail and token."),
    Step.STORES: T("Next: your stores, one by one, or all at once from a spreadsheet."),
    Step.JOB: T("Next: the job. Tap one of the usual ones; it is ready in a few taps."),
    Step.CHANNEL: T(
        "Next: add me to a group, and I ask you in private whether to link it. "
        "The button below is for what you can name yourself: a chat, an e-mail address, a webhook."
    ),
    Step.PIN: T("Next: your PIN or authenticator app. It guards what is hard to mend."),
    Step.RUN: T("Next: the first run. A dry run shows before what it would send."),
}
_OFF: dict[Step, Text] = {
    Step.SOURCE: T("Next: the ERP is saved, but switched off. Open it, mend what its test says, and switch it on."),
    Step.TARGET: T(
        "Next: the platform is saved, but switched off. Open it, mend what its test says, and switch it on."
    ),
}
_CAPABILITIES = {Step.SOURCE: SOURCE, Step.TARGET: TARGET}
_SECTIONS: dict[Step, Section] = {
    Step.STORES: Section.STORES,
    Step.JOB: Section.JOBS,
    Step.CHANNEL: Section.CHANNELS,
}


async def steps_page(menu: Menu) -> Page:
    """Tick off what is done, say how to go on, and offer what is left."""
    found = await menu.use(ShowFirstSteps)(menu.actor)
    lines = [_line(found, step) for step in found.done]
    lines.append(_next(found))
    items = [Item(step.value, _LABELS[step]) for step in found.left[:ROWS]]
    title = T("🚀 First steps: {n} of {all}", n=len(found.done) - len(found.left), all=len(found.done))
    offers = {"show" if found.put_away else "away"} if found.left else set()
    return Page(title, lines, items, offers=frozenset(offers))


def _line(found: FirstSteps, step: Step) -> Text:
    if step in found.off:
        return T("💤 {step}: still off", step=_LABELS[step])
    return T("{mark} {name}", mark="✅" if found.done[step] else "▫️", name=_LABELS[step])


def _next(found: FirstSteps) -> Text:
    if not found.left:
        return T("Everything is set up. /run starts a run now.")
    if found.left[0] in found.off:
        return _OFF[found.left[0]]
    if found.left[0] is Step.JOB and found.has_job:
        return T("Next: a job with a schedule that is not paused. One without runs only when somebody starts it.")
    if found.left[0] is Step.CHANNEL and found.has_channel:
        return T("Next: 🔔 Who is told, on the page of the job. So far no job tells anybody how it went.")
    return _HOW[found.left[0]]


async def put_away(menu: Menu) -> Text:
    await menu.use(PutStepsAway)(menu.actor, away=True)
    await menu.go(Home.main)
    return T("The first steps are off your home menu. ⚙️ Settings has them while something is left to do.")


async def show_again(menu: Menu) -> Text:
    await menu.use(PutStepsAway)(menu.actor, away=False)
    return T("The first steps stand on your home menu until all are done.")


async def pick_step(menu: Menu, chosen: str) -> None:
    """Lead to where a step is done: to what it is made of while there is none, else to what there is."""
    if chosen not in set(Step):
        raise StaleButton
    step = Step(chosen)
    if step is Step.PIN:
        await menu.open(Confirming.ways)
    elif step is Step.RUN:
        await choose_job(menu)
    elif step is Step.NAME:
        about = {"section": Section.ORGANISATION.value, "entity_id": menu.actor.organisation_id}
        await menu.open(Form.page, **about, field=["name"])
    elif step in _CAPABILITIES:
        await connect(menu, _CAPABILITIES[step])
    else:
        found = await menu.use(ShowFirstSteps)(menu.actor)
        if step is Step.CHANNEL and found.has_channel and found.has_job and not found.done[step]:
            await _tell(menu)
            return
        listed = found.done[step] or step is Step.STORES or (step is Step.JOB and found.has_job)
        await menu.open(Entities.all if listed else Entities.kinds, section=_SECTIONS[step].value)


async def _tell(menu: Menu) -> None:
    """Lead to what the one job tells, or to the several to choose from."""
    about = {"section": Section.JOBS.value}
    jobs = (await menu.use(ListEntities)(menu.actor, Section.JOBS)).rows
    if len(jobs) == 1:
        await menu.open(Form.page, **about, entity_id=jobs[0].id, field=["notify"])
    else:
        await menu.open(Entities.all, **about)
