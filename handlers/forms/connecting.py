"""The way to an integration that can do what is wanted: the one there is, else the form of a new one."""

from core.configuration.wanted import Section
from core.entities.viewing import ListEntities
from core.forms.loading import ListKinds
from handlers.dialogs.menu import Menu
from handlers.entities.states import Entities
from handlers.forms.states import Form


async def connect(menu: Menu, capability: str) -> None:
    """Open the integration that has a capability, or the list of several; where there is none, begin one.

    Among which modules to choose is asked only where several have it.
    """
    able = await menu.use(ListKinds)(menu.actor, Section.INTEGRATIONS, capability)
    every = (await menu.use(ListEntities)(menu.actor, Section.INTEGRATIONS)).rows
    found = [one for one in every if one.fields["module"] in able]
    about = {"section": Section.INTEGRATIONS.value}
    if len(found) == 1:
        await menu.open(Entities.one, **about, entity_id=found[0].id)
    elif found:
        await menu.open(Entities.all, **about)
    elif len(able) == 1:
        await menu.open(Form.page, **about, kind=able[0])
    else:
        await menu.open(Entities.kinds, **about, capability=capability)
