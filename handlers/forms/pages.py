"""How the fields of a form lie on its pages, and what each page is called that an entity's own page leads to."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from core.forms.fields import worded
from core.forms.form import Line
from core.i18n import Translator
from core.texts import T, Text
from handlers.dialogs.page import ROWS
from handlers.dialogs.widths import fits_half, in_rows

DIRECT = 5
"""So many pages are reached straight from an entity's page, in one tap; the first one is *Change*."""
_GROUPS = 2
_LAYOUTS = 512


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page of a form after its first one: the folded fields or the others, and its number among those."""

    advanced: bool
    number: int
    label: Text

    @property
    def key(self) -> str:
        return f"page-{self.advanced:d}-{self.number}"


def rows_of(lines: Sequence[Line], say: Translator, *, advanced: bool) -> list[list[Line]]:
    """Return the folded fields, or the others, in rows that fit a phone."""
    shown = [line for line in lines if line.advanced is advanced]
    left = iter(shown)
    return [list(islice(left, width)) for width in _widths(tuple(line.part.field.title for line in shown), say)]


@lru_cache(maxsize=_LAYOUTS)
def _widths(titles: tuple[str, ...], say: Translator) -> list[int]:
    """Return how many fields stand in each row: they have the same titles at every tap."""
    return [len(row) for row in in_rows(titles, lambda title: say(worded(title)))]


def further_pages(lines: Sequence[Line], say: Translator) -> list[FormPage]:
    """Return the pages after the first one that are reached in one tap, each called by what is on it."""
    pages = _pages(lines, say, advanced=False)
    found = [
        FormPage(advanced=False, number=number, label=_label("✏️", page, say))
        for number, page in enumerate(pages)
        if number
    ]
    folded = _pages(lines, say, advanced=True)
    if len(folded) == 1:
        found.append(FormPage(advanced=True, number=0, label=T("⚙️ Advanced")))
    else:
        found += [
            FormPage(advanced=True, number=number, label=_label("⚙️", page, say)) for number, page in enumerate(folded)
        ]
    return found[: DIRECT - 1]


def _pages(lines: Sequence[Line], say: Translator, *, advanced: bool) -> list[list[Line]]:
    rows = rows_of(lines, say, advanced=advanced)
    starts = range(0, len(rows), ROWS)
    return [[line for row in rows[start : start + ROWS] for line in row] for start in starts]


def _label(icon: str, page: list[Line], say: Translator) -> Text:
    """Return what a page is called by: the groups that begin on it, else its first field."""
    groups = list(dict.fromkeys(line.group for line in page if line.group))
    names = [worded(group) for group in groups] or [page[0].part.field.label]
    both, first = (T("{icon} {groups}", icon=icon, groups=names[:most]) for most in (_GROUPS, 1))
    return both if fits_half(say(both)) else first
