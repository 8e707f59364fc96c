"""One person's menu in one chat, as windows and their buttons see it.

It gives the library's untyped manager types, and is the only way from a window to a use case.
"""

from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar, cast

from aiogram import Bot
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram_dialog import DialogManager, ShowMode, StartMode
from aiogram_dialog.api.entities import AccessSettings
from aiogram_dialog.manager.manager import ManagerImpl
from dishka.integrations.aiogram import CONTAINER_NAME

from core.access import Actor
from core.paging import Paging
from core.texts import Text
from handlers.dialogs.messages import MenuMessages
from handlers.dialogs.page import ROWS
from handlers.dialogs.places import PLACES, Home
from handlers.middlewares.who import SPEAKER
from handlers.talk import Talk

MENUS = "menus"
NOTES = "notes"
UNFOLDED = "unfolded"
Wanted = TypeVar("Wanted")
Asked = ParamSpec("Asked")


class Menu:
    """What a window's getter and its buttons may do. Made anew for every update."""

    def __init__(self, manager: DialogManager) -> None:
        self.manager = manager

    @property
    def talk(self) -> Talk:
        return cast("Talk", self.manager.middleware_data[SPEAKER])

    @property
    def actor(self) -> Actor:
        return self.talk.actor

    @property
    def bot(self) -> Bot:
        return cast("Bot", self.manager.middleware_data["bot"])

    @property
    def messages(self) -> MenuMessages:
        """How menus reach the chat."""
        return cast("MenuMessages", self.manager.middleware_data[MENUS])

    @property
    def data(self) -> dict[str, Any]:
        """What this dialog remembers while it is open: JSON only."""
        return cast("dict[str, Any]", self.manager.dialog_data)

    @property
    def given(self) -> dict[str, Any]:
        """What the dialog was opened with; a copy of it is the beginning of its data."""
        return cast("dict[str, Any]", self.manager.start_data or {})

    @property
    def kept(self) -> dict[str, Any]:
        """Page, search and filters: remembered when the dialog is opened again."""
        return cast("dict[str, Any]", self.data.setdefault("kept", {}))

    @property
    def unfolded(self) -> bool:
        """Tell whether the verbs of a list take the place of its names: once, when they are asked for."""
        return UNFOLDED in self.manager.middleware_data

    def unfold(self) -> None:
        self.manager.middleware_data[UNFOLDED] = True

    @property
    def notes(self) -> list[Text]:
        return cast("list[Text]", self.manager.middleware_data.setdefault(NOTES, []))

    async def get(self, kind: Callable[..., Wanted]) -> Wanted:
        """Return a use case (by its class) from the container."""
        return cast("Wanted", await self.manager.middleware_data[CONTAINER_NAME].get(kind))

    def use(self, kind: Callable[..., Callable[Asked, Awaitable[Wanted]]]) -> Callable[Asked, Awaitable[Wanted]]:
        """Return a use case (by its class), to be called as it is."""

        async def call(*args: Asked.args, **kwargs: Asked.kwargs) -> Wanted:
            return await (await self.get(kind))(*args, **kwargs)

        return call

    def note(self, *lines: Text) -> None:
        """Put a line above the next window that is shown."""
        self.notes.extend(lines)

    def paging(self, name: str = "list", size: int = ROWS) -> Paging:
        """Return the page of a list that the person turned to."""
        return Paging(int(self.kept.get(f"{name}.page", 0)), size)

    def turn(self, page: int, name: str = "list") -> None:
        self.kept[f"{name}.page"] = page

    def search(self, name: str = "list") -> str:
        """Return what the person typed to search a list, empty for all of it."""
        return str(self.kept.get(f"{name}.search", ""))

    def about(self, subject: int | str, name: str) -> None:
        """Begin a list from its first page, and with all of it, where it is about something else than before."""
        if self.kept.get(f"{name}.about") != subject:
            self.kept.update({f"{name}.about": subject, f"{name}.page": 0, f"{name}.search": ""})

    async def go(self, state: State) -> None:
        """Show another window of this dialog."""
        await self.manager.switch_to(state)

    async def go_below(self, state: State) -> None:
        """Show another window of this dialog below what was sent meanwhile, in place of the menu further up."""
        before = self.manager.current_stack().last_message_id
        await self.manager.switch_to(state, ShowMode.SEND)
        if before is not None:
            self.messages.retire(self.talk.chat.chat_id, before)

    async def open(self, state: State, **data: Any) -> None:
        """Show another dialog; *back* there leads here again."""
        await self.manager.start(state, data)

    @property
    def entered_here(self) -> bool:
        """Tell whether the dialog was opened at the window that is shown."""
        state: str | None = self.manager.current_context().state.state
        return self.data.get("entry") == state

    async def back(self, result: Any = None) -> None:
        """Close this dialog: to the one that opened it, else home."""
        if len(self.manager.current_stack().intents) > 1:
            await self.keep()
            await self.manager.done(result)
        else:
            await self.home()

    async def home(self) -> None:
        """Show the home menu in place of whatever is open."""
        await self.instead(Home.main)

    async def instead(self, state: State, **data: Any) -> None:
        """Show a dialog in place of whatever is open: *back* there leads home."""
        await self._leave()
        await self._start(state, data, None)

    async def anew(self, state: State, **data: Any) -> None:
        """Show a dialog in a message of its own, in place of the menu further up."""
        before = self.manager.current_stack().last_message_id
        await self._leave()
        await self._start(state, data, ShowMode.SEND)
        if before is not None and self.manager.current_stack().last_message_id != before:
            self.messages.retire(self.talk.chat.chat_id, before)

    async def _leave(self) -> None:
        """Close everything that is open, remembering pages and searches."""
        while self.manager.has_context():
            await self.keep()
            # The library does this only where a dialog gives a result.
            await cast("ManagerImpl", self.manager).dialog().process_close(None, self.manager)
            await self.manager.mark_closed()

    async def _start(self, state: State, data: dict[str, Any], mode: ShowMode | None) -> None:
        """Show a dialog with nothing below it, in this person's and organisation's name."""
        bound = AccessSettings([self.actor.telegram_id or 0], {"organisation": self.actor.organisation_id})
        await self.manager.start(state, data, StartMode.RESET_STACK, mode, bound)

    async def keep(self) -> None:
        """Remember where the person was in this dialog."""
        places = await self._places()
        if self.kept != places.get(self._place, {}):
            await self._state.update_data({PLACES: {**places, self._place: self.kept}})

    async def recall(self) -> None:
        """Take up what was remembered when the dialog was open last."""
        self.data["kept"] = (await self._places()).get(self._place, {})

    @property
    def _place(self) -> str:
        """Name what is remembered by the dialog; what lists several kinds remembers it for each."""
        name: str = self.manager.current_context().state.group.__full_group_name__
        return f"{name}:{self.given['section']}" if "section" in self.given else name

    @property
    def _state(self) -> FSMContext:
        return cast("FSMContext", self.manager.middleware_data["state"])

    async def _places(self) -> dict[str, Any]:
        return cast("dict[str, Any]", (await self._state.get_data()).get(PLACES, {}))
