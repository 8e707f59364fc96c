"""The audit in the chat: who did what, when, from where; filtered, page by page, or as a file (X-7)."""

from aiogram_dialog import Dialog

from core.texts import T
from handlers.audit import actions as act
from handlers.audit import getters as show
from handlers.audit.states import Audit
from handlers.dialogs.area import Area
from handlers.dialogs.lists import below, choices, searched
from handlers.dialogs.widgets import screen, typed, verb
from handlers.menu.ways import going


def audit_dialog() -> Dialog:
    filters = below(
        verb("people", None, going(Audit.people)),
        verb("kinds", None, going(Audit.kinds)),
        verb("times", None, going(Audit.times)),
        verb("file", T("📎 As a file"), act.send_file, offered=True),
        verb("everything", T("✖ See all"), act.everything, offered=True),
    )
    return Area(
        screen(Audit.entries, show.entries_page, filters),
        screen(
            Audit.people,
            show.people_page,
            choices(act.pick_person),
            *searched("people"),
            back=Audit.entries,
        ),
        screen(Audit.kinds, show.kinds_page, choices(act.pick_kind, width=2), back=Audit.entries),
        screen(
            Audit.times,
            show.times_page,
            choices(act.pick_span, width=2),
            typed(act.typed_days),
            back=Audit.entries,
        ),
    )
