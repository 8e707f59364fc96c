"""What a form has changed, or would, and what versions differ in: in the words of the form."""

from collections.abc import Callable
from functools import partial

from core.configuration.editing import Edited
from core.configuration.wanted import Section
from core.entities.differing import Difference
from core.errors import ChimeraError
from core.forms.loading import Loaded, LoadForm
from core.forms.naming import tell
from core.texts import T, Text
from handlers.dialogs.menu import Menu
from handlers.forms.filling import Filling

Teller = Callable[[Difference], list[Text]]
_MOST = 4


def told(filling: Filling, edited: Edited) -> list[Text]:
    """Return a line for each field that differs, then what changes elsewhere because of it."""
    if not edited.changes:
        return []
    first, *others = edited.changes
    difference = Difference(first.all_fields(), filling.state["start"], filling.form.values)
    return told_of(filling.loaded, difference) + [line for change in others for line in change.lines()]


def told_of(loaded: Loaded, difference: Difference) -> list[Text]:
    """Return a line for each field in which two states of a form's entity differ."""
    return tell(loaded.parts, loaded.options, difference)


async def teller(menu: Menu, section: Section, entity_id: int) -> Teller:
    """Return what puts differences of an entity's versions into words; without a form (any more), plainly."""
    try:
        loaded = await menu.use(LoadForm)(menu.actor, section, entity_id)
    except ChimeraError:
        return plainly
    return partial(told_of, loaded)


def plainly(difference: Difference) -> list[Text]:
    """Return a line for each field that differs, under its own name and with its value as it is kept."""
    return [change.line() for change in difference.changes]


def in_brief(lines: list[Text]) -> list[Text]:
    """Return the lines below a headline: of many the first ones and how many more."""
    shown = [T("    {line}", line=line) for line in lines[:_MOST]]
    more = len(lines) - len(shown)
    return [*shown, *([T("    … and {n} more", n=more)] if more else [])]
