"""The few widgets that windows are made of."""

from collections.abc import Awaitable, Callable
from itertools import islice, repeat
from typing import Any

from aiogram.enums import ButtonStyle, ContentType, ParseMode
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, InlineKeyboardButton, Message
from aiogram_dialog import DialogManager, DialogProtocol, Window
from aiogram_dialog.api.entities import NewMessage
from aiogram_dialog.api.internal import RawKeyboard
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.kbd import Button, Group, Keyboard, Row, Url
from aiogram_dialog.widgets.style import Style
from aiogram_dialog.widgets.text import Text as TextWidget

from core.texts import T, Text
from handlers.dialogs.area import StaleButton
from handlers.dialogs.menu import Menu
from handlers.dialogs.messages import MenuMessage
from handlers.dialogs.page import Page, draw
from handlers.formatting import say, shorten

Show = Callable[[Menu], Awaitable[Page]]
Act = Callable[[Menu], Awaitable[Text | None]]
Pick = Callable[[Menu, str], Awaitable[Text | None]]
_LABEL = 60
_SEARCH = 60


class _Screen(Window):
    async def render(self, dialog: DialogProtocol, manager: DialogManager) -> NewMessage:
        """Draw the window, as an answer to whoever asked for it."""
        drawn = vars(await super().render(dialog, manager))
        event = manager.event
        tapped = event.message if isinstance(event, CallbackQuery) and isinstance(event.message, Message) else None
        return MenuMessage(**drawn, reply_to=Menu(manager).talk.reply_to, tapped=tapped)


class Words(TextWidget):
    """A text of ours in the reader's language: fixed, or taken from the window's data."""

    def __init__(self, words: Text | Callable[[dict[str, Any]], Text]) -> None:
        super().__init__()
        self._words = words

    async def _render_text(self, data: dict[str, Any], manager: DialogManager) -> str:
        words = self._words if isinstance(self._words, Text) else self._words(data)
        return shorten(say(Menu(manager).talk.translator, words), _LABEL)


class _Address(TextWidget):
    """Where a link leads."""

    def __init__(self, address: Callable[[Menu], Awaitable[str]]) -> None:
        super().__init__()
        self._address = address

    async def _render_text(self, data: dict[str, Any], manager: DialogManager) -> str:
        del data
        return await self._address(Menu(manager))


class _PageText(TextWidget):
    """The whole text of a window, below what is to be noted."""

    async def _render_text(self, data: dict[str, Any], manager: DialogManager) -> str:
        menu = Menu(manager)
        return draw(data["page"], menu.notes, menu.talk.translator)


class _Pager(Keyboard):
    """One row to turn pages with, when there are several."""

    def __init__(self, name: str) -> None:
        super().__init__(id=f"{name}_pager")
        self._name = name

    async def _render_keyboard(self, data: dict[str, Any], manager: DialogManager) -> RawKeyboard:
        del manager
        page: Page = data["page"]
        if page.pages == 1:
            return []
        before, after = (page.number - 1) % page.pages, (page.number + 1) % page.pages
        turns = (
            (before, f"◀ {before + 1}"),
            (page.number, f"{page.number + 1} / {page.pages}"),
            (after, f"{after + 1} ▶"),
        )
        return [
            [
                InlineKeyboardButton(text=label, callback_data=self._item_callback_data(number))
                for number, label in turns
            ]
        ]

    async def _process_item_callback(
        self, callback: CallbackQuery, data: str, dialog: DialogProtocol, manager: DialogManager
    ) -> bool:
        del callback, dialog
        if not (data.isascii() and data.isdecimal()):
            raise StaleButton
        Menu(manager).turn(int(data), self._name)
        return True


def screen(
    state: State, show: Show, *widgets: Keyboard | MessageInput, back: State | Act | None = None, home: bool = True
) -> Window:
    """Return a window: its page, its keyboard, and the same last row everywhere.

    `back` is another window of the dialog, or an own way back. Without one, and at the window
    where the dialog was opened, it closes.
    """

    async def getter(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
        return {"page": await show(Menu(dialog_manager))}

    footer = [_footer(back)] if home else []
    return _Screen(_PageText(), *widgets, *footer, state=state, getter=getter, parse_mode=ParseMode.HTML)


def verb(name: str, label: Text | None, act: Act, *, offered: bool = False, danger: bool = False) -> Button:
    """Return a button that does something; what it came to is noted above the next window.

    Without a label the page has one for it. An `offered` one is shown only when the page offers
    it. That is a courtesy: the right is checked by the use case behind it.
    """

    async def click(_query: CallbackQuery, _button: Button, manager: DialogManager) -> None:
        await _do(manager, act)

    def shown(data: dict[str, Any]) -> Text:
        page: Page = data["page"]
        return label or page.labels[name]

    when = (lambda data, _widget, _manager: name in data["page"].offers) if offered else None
    style = Style(style=ButtonStyle.DANGER) if danger else Style()
    return Button(Words(shown), id=name, on_click=click, when=when, style=style)


def link(name: str, label: Text, address: Callable[[Menu], Awaitable[str]], *, offered: bool = False) -> Url:
    """Return a button that leads out of the chat; an `offered` one is shown only when the page offers it."""
    when = (lambda data, _widget, _manager: name in data["page"].offers) if offered else None
    return Url(Words(label), _Address(address), when=when)


def verbs(*buttons: Keyboard, width: int = 2) -> Group:
    return Group(*buttons, width=width)


class _Grid(Keyboard):
    """Things to choose, so many in each row, or in the rows that the page lays them out in."""

    def __init__(self, name: str, pick: Pick, width: int | None) -> None:
        super().__init__(id=name)
        self._pick = pick
        self._width = width

    async def _render_keyboard(self, data: dict[str, Any], manager: DialogManager) -> RawKeyboard:
        page: Page = data["page"]
        translator = Menu(manager).talk.translator
        buttons = iter(
            [
                InlineKeyboardButton(
                    text=shorten(say(translator, item.label), _LABEL), callback_data=self._item_callback_data(item.id)
                )
                for item in page.items
            ]
        )
        widths = page.widths if self._width is None else repeat(self._width, -(-len(page.items) // self._width))
        return [list(islice(buttons, width)) for width in widths]

    async def _process_item_callback(
        self, callback: CallbackQuery, data: str, dialog: DialogProtocol, manager: DialogManager
    ) -> bool:
        del callback, dialog
        await _do(manager, lambda menu: self._pick(menu, data))
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
        if not (chosen.isascii() and chosen.isdecimal()):
            raise StaleButton
        return await pick(menu, int(chosen))

    return pick_number


def pager(name: str = "list") -> Keyboard:
    return _Pager(name)


def typed(take: Pick) -> MessageInput:
    """Return the input that takes typed words; what it came to is noted above the next window."""

    async def take_text(message: Message, _widget: MessageInput, manager: DialogManager) -> None:
        await _do(manager, lambda menu: take(menu, (message.text or "").strip()))

    return MessageInput(take_text, content_types=[ContentType.TEXT])


def search(name: str = "list") -> MessageInput:
    """Return the input that takes typed words for a search of the list."""

    async def keep(menu: Menu, words: str) -> None:
        menu.kept[f"{name}.search"] = shorten(words, _SEARCH)
        menu.turn(0, name)

    return typed(keep)


def all_again(name: str = "list") -> Button:
    """Return the button that ends a search."""

    async def clear(menu: Menu) -> None:
        menu.kept.pop(f"{name}.search", None)
        menu.turn(0, name)

    return verb("all_again", T("✖ Show all"), clear, offered=True)


def _footer(back: State | Act | None) -> Row:
    async def go_back(menu: Menu) -> Text | None:
        if isinstance(back, State) and not menu.entered_here:
            await menu.go(back)
        elif isinstance(back, State):
            await menu.back()
        elif back is not None:
            return await back(menu)
        else:
            await menu.back()
        return None

    async def go_home(menu: Menu) -> None:
        await menu.home()

    return Row(verb("back", T("⬅ Back"), go_back), verb("home", T("🏠 Home"), go_home))


async def _do(manager: DialogManager, act: Act) -> None:
    menu = Menu(manager)
    note = await act(menu)
    if note is not None:
        menu.note(note)
