"""Runs: filtered, one of them, one of its stores, and what was found there product by product."""

from aiogram_dialog import Dialog

from core.texts import T, Text
from handlers.dialogs.area import Area
from handlers.dialogs.lists import all_again, below, choices, numbered, search, searched
from handlers.dialogs.widgets import screen, typed, verb, verbs
from handlers.menu.history.actions import (
    leave_part,
    open_log,
    open_part,
    open_why,
    pick_day,
    pick_job,
    pick_kind,
    pick_run,
    pick_store,
    release,
    take_why,
)
from handlers.menu.history.filters import days_page, jobs_page, kinds_page
from handlers.menu.history.getters import REFRESH, run_page, runs_page, store_page, why_page
from handlers.menu.history.parts import Part, part_page
from handlers.menu.history.states import History
from handlers.menu.ways import going

_PARTS: dict[Part, Text] = {
    Part.LINES: T("📋 Products"),
    Part.REJECTS: T("⚪ No discount"),
    Part.HELD: T("✋ Held"),
    Part.DIFFERENCES: T("⚖ Differences"),
    Part.LOG: T("🧾 Log"),
}


def history_dialog() -> Dialog:
    filters = below(
        verb("jobs", None, going(History.jobs)),
        verb("kinds", None, going(History.kinds)),
        verb("days", None, going(History.days)),
        more=T("🔽 Filter"),
    )
    parts = [verb(part.value, label, open_part(part), offered=True) for part, label in _PARTS.items()]
    parts.append(verb("why", T("❓ Why not live?"), open_why))
    acting = verb("release", T("✔️ Release"), release, offered=True)
    fresh = [verb(REFRESH, T("🔄 Refresh"), going(state), offered=True) for state in (History.run, History.store)]
    return Area(
        screen(History.runs, runs_page, choices(numbered(pick_run)), filters),
        screen(
            History.jobs,
            jobs_page,
            choices(pick_job),
            *searched("jobs"),
            back=History.runs,
        ),
        screen(History.kinds, kinds_page, choices(pick_kind), back=History.runs),
        screen(History.days, days_page, choices(pick_day, width=2), back=History.runs),
        screen(
            History.run,
            run_page,
            choices(numbered(pick_store)),
            below(fresh[0], verb("log", T("🧾 Log"), open_log), all_again("stores"), name="stores"),
            search("stores"),
            back=History.runs,
        ),
        screen(History.store, store_page, verbs(acting, fresh[1], *parts), back=History.run),
        screen(History.part, part_page, *searched("part"), back=leave_part),
        screen(History.why, why_page, typed(take_why), back=History.store),
    )
