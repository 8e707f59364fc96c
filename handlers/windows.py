"""What opens, fills or leaves windows: all of it that remembers nothing between two updates."""

from aiogram import Router

from handlers.branches import Branch, is_button, is_message
from handlers.commands.documents import documents_router
from handlers.commands.menus import menus_router
from handlers.commands.runs import stopping_router
from handlers.commands.settings import settings_router
from handlers.commands.unknown import unknown_router
from handlers.menu.dialogs import all_dialogs
from handlers.taps.access import admitting_taps
from handlers.taps.beginning import beginning_taps
from handlers.taps.linking import telling_taps
from handlers.taps.renewing import renewing_taps


class Windows:
    """The dialogs, and the buttons and commands before them. A router belongs to one dispatcher at a time.

    Commands come first: an open window would take their words.
    """

    def __init__(self) -> None:
        self.taps = Branch(
            "window_taps", is_button, beginning_taps(), admitting_taps(), renewing_taps(), telling_taps()
        )
        self.commands = Branch(
            "window_commands",
            is_message,
            settings_router(),
            documents_router(),
            menus_router(),
            stopping_router(),
            unknown_router(),
        )
        self.dialogs = all_dialogs()

    @property
    def routers(self) -> list[Router]:
        """Those that are put into others."""
        return [self.taps, self.commands, *self.dialogs]
