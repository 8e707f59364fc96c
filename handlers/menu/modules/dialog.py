"""Modules: what there is, and which code from outside may run (MO-12, `rules.md` 7.8)."""

from aiogram_dialog import Dialog

from core.texts import T
from handlers.confirming.asking import confirm_box
from handlers.dialogs.area import Area
from handlers.dialogs.lists import all_again, below, choices, search
from handlers.dialogs.widgets import screen, verb, verbs
from handlers.menu.modules.actions import approve, carry_out, pick, withdraw
from handlers.menu.modules.getters import all_page, one_page
from handlers.menu.modules.states import Modules


def modules_dialog() -> Dialog:
    return Area(
        screen(Modules.all, all_page, choices(pick, "module"), below(all_again()), search()),
        screen(
            Modules.one,
            one_page,
            verbs(
                verb("approve", T("✅ Approve"), approve, offered=True),
                verb("withdraw", T("🚫 Withdraw"), withdraw, offered=True),
            ),
            back=Modules.all,
        ),
        confirm_box(Modules.confirm, carry_out, back=Modules.one),
    )
