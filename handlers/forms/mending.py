"""Back to a version of which something cannot be had as it was: the form filled in with it, at what is to be mended."""

from typing import Any

from core.configuration.problems import BadFields
from core.configuration.wanted import Section
from core.entities.changing import BACK
from core.entities.history import ShowVersion
from core.forms.form import Form
from core.forms.loading import LoadForm
from core.texts import T
from handlers.dialogs.menu import Menu


async def mending(menu: Menu, section: Section, entity_id: int, number: int, error: BadFields) -> dict[str, Any]:
    """Return what the form begins with, and note what is in the way: most often a secret, for another host."""
    fields = await menu.use(ShowVersion)(menu.actor, section, entity_id, number)
    loaded = await menu.use(LoadForm)(menu.actor, section, entity_id)
    form = Form(loaded.parts, fields, loaded.options)
    menu.note(T("Something of that version cannot be had back as it was. Mend it here, then save."))
    for path, problem in error.fields.items():
        part = form.part(path)
        menu.note(problem if part is None else T("{field}: {problem}", field=part.field.label, problem=problem))
    places = list(error.fields)
    return {"preset": fields, "comment": f"{BACK}{number}", "field": list(places[0]) if len(places) == 1 else []}
