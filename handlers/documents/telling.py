"""What a document would do, in the words of the forms: fields as they are called and drawn there."""

from collections.abc import Mapping

from core.configuration.plan import Change, Plan, Words
from core.configuration.wanted import Section
from core.entities.differing import Difference, on_form
from core.errors import ChimeraError
from core.forms.loading import Loaded, LoadForm
from core.texts import Text
from handlers.dialogs.menu import Menu
from handlers.forms.differing import told_of

_Form = tuple[Section, str]


async def in_forms(menu: Menu, plan: Plan) -> Words:
    """Return the words for a plan; what has no form (any more) is told plainly."""
    load = await menu.get(LoadForm)
    forms: dict[_Form, Loaded] = {}
    for wanted in dict.fromkeys(_form(change) for change in plan.changes if change.fields or change.missing):
        try:
            forms[wanted] = await load(menu.actor, wanted[0], None, wanted[1])
        except ChimeraError:
            continue
    return _InForms(forms)


class _InForms(Words):
    def __init__(self, forms: Mapping[_Form, Loaded]) -> None:
        self._forms = forms

    def changed(self, change: Change) -> list[Text]:
        form = self._forms.get(_form(change))
        if form is None:
            return super().changed(change)
        return told_of(form, Difference(change.fields, on_form(change.before), on_form(change.after)))

    def named(self, change: Change, secret: str) -> Text:
        parts = self._forms[_form(change)].parts if _form(change) in self._forms else ()
        labels = (part.field.label for part in parts if part.path == ("settings", secret))
        return next(labels, super().named(change, secret))


def _form(change: Change) -> _Form:
    """Return which form an entity has: that of its module, or of its kind of job."""
    return change.section, str(change.after.get("module") or change.after.get("type") or "")
