"""The first steps of a new chain: what is done, what comes next, and the way to each."""

from core.configuration.modules import SOURCE, TARGET
from core.configuration.wanted import Section
from core.organisations.first_steps import ShowFirstSteps, Step
from core.texts import T, Text
from handlers.dialogs.area import StaleButton
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Item, Page
from handlers.entities.states import Entities
from handlers.forms.connecting import connect
from handlers.forms.states import Form
from handlers.pins.states import Pin

_LABELS: dict[Step, Text] = {
    Step.NAME: T("Name the chain"),
    Step.SOURCE: T("Connect the ERP"),
    Step.TARGET: T("Connect the loyalty platform"),
    Step.STORES: T("Add your stores"),
    Step.JOB: T("Make the daily sync"),
    Step.CHANNEL: T("Say where results are told"),
    Step.PIN: T("Give yourself a PIN"),
}
_HOW: dict[Step, Text] = {
    Step.NAME: T("Next: what the chain is called. The name stands on its messages and files."),
    Step.SOURCE: T("Next: the ERP, with its address and login. It is tested before it is saved."),
    Step.TARGET: T("Next: the loyalty platform, with its e-mail and token."),
    Step.STORES: T("Next: your stores, one by one, or all at once from a spreadsheet."),
    Step.JOB: T("Next: the job. Tap one of the usual ones; it is ready in a few taps."),
    Step.CHANNEL: T("Next: add me to a group. I ask you in private whether to link it."),
    Step.PIN: T("Next: your PIN. It guards what is hard to mend."),
}
_CAPABILITIES = {Step.SOURCE: SOURCE, Step.TARGET: TARGET}
_SECTIONS: dict[Step, Section] = {
    Step.STORES: Section.STORES,
    Step.JOB: Section.JOBS,
    Step.CHANNEL: Section.CHANNELS,
}


async def steps_page(menu: Menu) -> Page:
    """Tick off what is done, and say how to go on."""
    done = await (await menu.get(ShowFirstSteps))(menu.actor)
    left = [step for step, is_done in done.items() if not is_done]
    lines = [_HOW[left[0]]] if left else [T("Everything is set up. /run starts a run now.")]
    items = [Item(step.value, _ticked(_LABELS[step], done=is_done)) for step, is_done in done.items()]
    title = T("🚀 First steps: {n} of {all}", n=len(done) - len(left), all=len(done))
    return Page(title, lines, items)


def _ticked(label: Text, *, done: bool) -> Text:
    return T("{mark} {name}", mark="✅" if done else "▫️", name=label)


async def pick_step(menu: Menu, chosen: str) -> None:
    """Lead to where a step is done: to what it is made of while there is none, else to what there is."""
    if chosen not in set(Step):
        raise StaleButton
    step = Step(chosen)
    if step is Step.PIN:
        await menu.open(Pin.present)
    elif step is Step.NAME:
        about = {"section": Section.ORGANISATION.value, "entity_id": menu.actor.organisation_id}
        await menu.open(Form.page, **about, field=["name"])
    elif step in _CAPABILITIES:
        await connect(menu, _CAPABILITIES[step])
    else:
        done = (await (await menu.get(ShowFirstSteps))(menu.actor))[step]
        first = Entities.all if done or step is Step.STORES else Entities.kinds
        await menu.open(first, section=_SECTIONS[step].value)
