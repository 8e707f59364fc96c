"""Search by typed words, the same in every list: what fits, and what is said about it."""

from collections.abc import Callable, Sequence
from typing import Any

from core.forms.words import folded
from core.paging import Row, Slice, cut
from core.texts import TN, T, Text
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import ROWS, Hint, Item, Page
from handlers.formatting import say

_HINT = T("Type part of a name to search.")


def listed(menu: Menu, items: Sequence[Item], name: str = "list") -> Slice[Item]:
    """Return one page of a list that is all at hand: of all of it, or of what has the typed words on its button."""
    return narrowed(menu, items, lambda item: [item.label], name)


def narrowed(
    menu: Menu, rows: Sequence[Row], told: Callable[[Row], list[Text]], name: str, size: int = ROWS
) -> Slice[Row]:
    """Return one page of rows that are all at hand: of all, or of those of which the typed words are told."""
    words, translator = folded(menu.search(name)), menu.talk.translator
    fits = [row for row in rows if any(words in folded(say(translator, text)) for text in told(row))] if words else rows
    return cut(fits, menu.paging(name, size))


def one_or_all(
    menu: Menu, heading: Callable[[int], Text], asked: Text, every: Item, items: Sequence[Item], name: str
) -> Page:
    """Return the page to choose the one thing that another list is filtered by, or `every` one of them."""
    words = menu.search(name)
    first = [] if words else [every]
    found = listed(menu, [*first, *items], name)
    lines = [asked, *search_lines(words, found)]
    return Page.of(heading(found.total - len(first)), lines, found.rows, found)


def search_lines(words: str, found: Slice[Any], hint: Text = _HINT) -> list[Text]:
    """Say how much of a list the typed words found; without any, how to search a list of several pages."""
    if not words:
        return [Hint(hint.message)] if found.pages > 1 else []
    if not found.total:
        return [T("Nothing fits “{search}”.", search=words)]
    return [TN("“{search}”: {n} result.", "“{search}”: {n} results.", found.total, search=words)]
