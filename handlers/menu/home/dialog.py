"""The home menu: how things stand, and the ways to everything else."""

from aiogram_dialog import Dialog

from core.texts import T
from handlers.dialogs.area import Area
from handlers.dialogs.places import Home
from handlers.dialogs.widgets import screen, verb, verbs
from handlers.menu.home.actions import show_status
from handlers.menu.home.getters import main_page, status_page


def home_dialog() -> Dialog:
    return Area(
        screen(Home.main, main_page, verbs(verb("status", T("📊 Status"), show_status)), home=False),
        screen(Home.status, status_page, verbs(verb("again", T("🔄 Refresh"), show_status)), back=Home.main),
    )
