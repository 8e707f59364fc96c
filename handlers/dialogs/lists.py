"""How a list is composed, the same everywhere: its names, its verbs, the row that turns its pages.

A page has six names, one below the other. Its verbs stand below them, two in a row, where a keyboard of
eight rows has room for all of them. Where it has not, or the list has several pages, one button stands for
them, between those that turn the pages; tapped, it puts the verbs in the place of the names. A verb that is
the only one and short enough stands there itself.
"""

from collections.abc import Awaitable, Callable
from itertools import chain, islice, repeat
from typing import Any

from aiogram.types import CallbackQuery, InlineKeyboardButton
from aiogram_dialog import DialogManager, DialogProtocol
from aiogram_dialog.api.internal import RawKeyboard
from aiogram_dialog.widgets.common import Whenable
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.kbd import Group, Keyboard

from core.texts import T, Text
from handlers.dialogs.area import number_tapped
from handlers.dialogs.keys import Keys
from handlers.dialogs.menu import Menu
from handlers.dialogs.page import Page
from handlers.dialogs.widgets import Pick, do, keys_of, page_of, typed, verb
from handlers.dialogs.widths import fits_third
from handlers.formatting import shorten

_ABOVE_THE_LAST = 7
"""Rows of a keyboard, without the last one with *Back* and *Home*."""
_VERBS = 2
_SEARCH = 60
MORE = T("⋯ More")
_UNFOLD = "more"


class _Grid(Keyboard):
    """Things to choose, so many in each row, or in the rows that the page lays them out in."""

    def __init__(self, name: str, pick: Pick, width: int | None) -> None:
        super().__init__(id=name)
        self._pick = pick
        self._width = width

    async def _render_keyboard(self, data: dict[str, Any], manager: DialogManager) -> RawKeyboard:
        del manager
        page, keys = page_of(data), keys_of(data)
        buttons = iter([keys.key(item.label, self._item_callback_data(item.id)) for item in page.items])
        widths = page.widths if self._width is None else repeat(self._width, -(-len(page.items) // self._width))
        return [list(islice(buttons, width)) for width in widths]

    async def _process_item_callback(
        self, callback: CallbackQuery, data: str, dialog: DialogProtocol, manager: DialogManager
    ) -> bool:
        del callback, dialog
        await do(manager, lambda menu: self._pick(menu, data))
        return True


class _Below(Group):
    """What stands below a list: its verbs, and what turns its pages."""

    def __init__(self, name: str, more: Text, *buttons: Keyboard) -> None:
        super().__init__(*buttons, id=f"{name}_pager", width=_VERBS)
        self._name, self._more = name, more

    async def _render_keyboard(self, data: dict[str, Any], manager: DialogManager) -> RawKeyboard:
        page, keys = page_of(data), keys_of(data)
        rows = await super()._render_keyboard(data, manager)
        if page.unfolded:
            return rows
        more = keys.key(self._more, self._item_callback_data(_UNFOLD))
        if page.pages == 1:
            return rows if page.rows + len(rows) <= _ABOVE_THE_LAST else [[more]]
        back, on = self._turns(page, keys)
        if not page.items:
            return [[*back, on], *rows]
        verbs = list(chain.from_iterable(rows))
        alone = len(verbs) == 1 and fits_third(verbs[0].text)
        return [[*back, *(verbs if alone else [more] if verbs else []), on]]

    def _turns(self, page: Page, keys: Keys) -> tuple[list[InlineKeyboardButton], InlineKeyboardButton]:
        """Return what turns to the page before, and to the one after: of two pages that is the same one.

        The last stands always in one place, wherever it leads.
        """
        before, after = (page.number - 1) % page.pages, (page.number + 1) % page.pages
        back = keys.key(f"◀ {before + 1}", self._item_callback_data(before))
        on = keys.key(f"{after + 1} ▶", self._item_callback_data(after))
        if before != after:
            return [back], on
        return [], on if after else back

    async def _process_item_callback(
        self, callback: CallbackQuery, data: str, dialog: DialogProtocol, manager: DialogManager
    ) -> bool:
        del callback, dialog
        if data == _UNFOLD:
            Menu(manager).unfold()
        else:
            Menu(manager).turn(number_tapped(data), self._name)
        return True


def choices(pick: Pick, name: str = "item", width: int = 1) -> Keyboard:
    """Return the page's things to choose, one below the other."""
    return _Grid(name, pick, width)


def grid(pick: Pick, name: str = "item") -> Keyboard:
    """Return the page's things to choose, in rows of the page's `widths`."""
    return _Grid(name, pick, None)


def numbered(pick: Callable[[Menu, int], Awaitable[Text | None]]) -> Pick:
    """Return a choice among things that have numbers; other words were never on a button."""

    async def pick_number(menu: Menu, chosen: str) -> Text | None:
        return await pick(menu, number_tapped(chosen))

    return pick_number


def below(*buttons: Keyboard, name: str = "list", more: Text = MORE) -> Keyboard:
    """Return what stands below a list: its verbs, which `more` stands for where they do not fit, and its pages."""
    return _Below(name, more, *buttons)


def search(name: str = "list") -> MessageInput:
    """Return the input that takes typed words for a search of the list."""

    async def keep(menu: Menu, words: str) -> None:
        menu.kept[f"{name}.search"] = shorten(words, _SEARCH)
        menu.turn(0, name)

    return typed(keep)


def all_again(name: str = "list") -> Group:
    """Return the button that ends a search, which is there while something is searched for."""

    async def clear(menu: Menu) -> None:
        menu.kept.pop(f"{name}.search", None)
        menu.turn(0, name)

    def searched(_data: dict[str, Any], _widget: Whenable, manager: DialogManager) -> bool:
        return bool(Menu(manager).search(name))

    return Group(verb("all_again", T("✖ See all"), clear), when=searched)


def searched(name: str) -> tuple[Keyboard, MessageInput]:
    """Return what a list needs that is only searched and turned: it has no verbs of its own."""
    return below(all_again(name), name=name), search(name)
