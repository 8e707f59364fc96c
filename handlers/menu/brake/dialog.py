"""The brake: pause and resume sending for the chain, a tag or a store (CH-21)."""

from aiogram_dialog import Dialog

from core.texts import T
from handlers.dialogs.area import Area
from handlers.dialogs.lists import all_again, below, choices, numbered, search
from handlers.dialogs.widgets import screen, verb, verbs
from handlers.menu.brake.actions import pause, pick, resume
from handlers.menu.brake.getters import one_page, scopes_page
from handlers.menu.brake.states import Brake


def brake_dialog() -> Dialog:
    return Area(
        screen(Brake.scopes, scopes_page, choices(numbered(pick)), below(all_again()), search()),
        screen(
            Brake.one,
            one_page,
            verbs(
                verb("pause", T("⏸ Yes, pause"), pause, offered=True),
                verb("resume", T("▶️ Resume"), resume, offered=True),
            ),
            back=Brake.scopes,
        ),
    )
