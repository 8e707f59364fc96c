"""What a window shows: a heading, lines, things to choose, and which verbs it offers."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from aiogram.utils.formatting import Bold, Italic
from aiogram.utils.formatting import Text as Node

from core.i18n import Translator
from core.paging import Slice
from core.texts import T, Text
from handlers.dialogs.widths import parted
from handlers.formatting import LIMIT, say, shorten

ROWS = 6
"""Rows of things to choose on one page of a list: with a row to turn it and the last row they make 8."""
FOLD = "fold"
"""The way back from the verbs of a list to the list: offered where they have taken the place of its names."""
_LINE, _NOTE = 600, 2000
"""Most UTF-16 units of one line, and of one note: it may repeat what somebody typed."""


class Item(NamedTuple):
    """Something to choose. `id` travels in the button (at most 40 bytes), and grants nothing."""

    id: str
    label: Text


class Hint(Text):
    """A line that says how a list is searched: it goes where verbs have taken the place of the list."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Page:
    """The content of one window.

    `offers` names the verbs that are shown of those that depend; `labels` are those of verbs
    whose words change; `widths` says how many items stand in each row of a grid. How many things
    a list has is told once, by its heading.
    """

    title: Text
    lines: Sequence[Text] = ()
    items: Sequence[Item] = ()
    number: int = 0
    pages: int = 1
    offers: frozenset[str] = frozenset()
    labels: Mapping[str, Text] = field(default_factory=dict)
    widths: Sequence[int] = ()

    @property
    def rows(self) -> int:
        """Return how many rows the things to choose take."""
        return len(self.widths) or len(self.items)

    def unfold(self) -> "Page":
        """Return the page with its verbs in the place of its things to choose."""
        lines = [line for line in self.lines if not isinstance(line, Hint)]
        return replace(self, lines=lines, items=(), widths=(), offers=self.offers | {FOLD})

    @property
    def unfolded(self) -> bool:
        return FOLD in self.offers

    @classmethod
    def of(
        cls,
        title: Text,
        lines: Sequence[Text],
        items: Sequence[Item],
        found: Slice[Any],
        offers: Iterable[str] = (),
        labels: Mapping[str, Text] | None = None,
    ) -> "Page":
        """Return a page of a list that has several."""
        return cls(title, lines, items, found.page.number, found.pages, frozenset(offers), labels or {})


def headed(heading: Text, n: int) -> Text:
    """Return the heading of a list with how many it has; where it has none, the words below say so."""
    return T("{heading}: {n}", heading=heading, n=n) if n else heading


def draw(page: Page, notes: Sequence[Text], translator: Translator) -> str:
    """Return the text of a window as HTML, which only the formatting tree writes.

    The last lines are left out where all of them would be more than a message holds.
    """
    told = [parted(shorten(_marked(say(translator, note)), _NOTE)) for note in notes]
    head: list[Node | str] = [Node(Italic(note), "\n\n") for note in told]
    head.append(Bold(shorten(say(translator, page.title), _LINE)))
    lines = [f"\n{parted(shorten(say(translator, line), _LINE))}" for line in (*page.lines, *_place(page))]
    while len(text := Node(*head, "".join(lines))) > LIMIT:
        (lines or head).pop()
    return text.as_html()


def _place(page: Page) -> list[Text]:
    """Say which page of a list this is, where there are several."""
    if page.pages == 1 or page.unfolded:
        return []
    return [T("Page {page} of {pages}", page=page.number + 1, pages=page.pages)]


def _marked(note: str) -> str:
    """Return a note with a sign before it: its own where it begins with one."""
    return note if unicodedata.category(note[:1] or " ") == "So" else f"ℹ️ {note}"  # noqa: RUF001
