"""The home menu: how things stand, and the ways to everything else."""

from aiogram_dialog import Dialog

from core.configuration.wanted import Section
from core.texts import T
from handlers.dialogs.area import Area
from handlers.dialogs.lists import choices, numbered, searched
from handlers.dialogs.places import Home
from handlers.dialogs.widgets import link, screen, typed, verb, verbs
from handlers.entities.actions import chain, listing
from handlers.menu.brake.states import Brake
from handlers.menu.history.states import History
from handlers.menu.home.actions import choose_job, dry_run, leave_job, look_up, pick_job, pick_language, run_now
from handlers.menu.home.getters import (
    find_page,
    job_page,
    language_page,
    main_page,
    private_address,
    run_page,
    status_page,
)
from handlers.menu.home.steps import pick_step, put_away, show_again, steps_page
from handlers.menu.stores.states import Stores
from handlers.menu.ways import going, opening


def home_dialog() -> Dialog:
    first = verbs(verb("steps", T("🚀 First steps"), going(Home.steps), offered=True))
    ways = verbs(
        verb("status", T("📊 Status"), going(Home.status)),
        verb("run", T("▶️ Run"), choose_job, offered=True),
        verb("stores", T("🏪 Stores"), opening(Stores.all), offered=True),
        verb("history", T("📜 History"), opening(History.runs)),
        verb("find", T("🔎 Look up"), going(Home.find)),
        verb("brake", T("⏸ Pause"), opening(Brake.scopes), offered=True),
        verb("jobs", T("🗓 Jobs"), listing(Section.JOBS), offered=True),
        verb("integrations", T("🔌 Integrations"), listing(Section.INTEGRATIONS), offered=True),
        verb("channels", T("📣 Notifications"), listing(Section.CHANNELS), offered=True),
        verb("people", T("👥 People"), listing(Section.USERS), offered=True),
        verb("settings", T("⚙️ Settings"), chain, offered=True),
        verb("language", T("🗣 Language"), going(Home.language), offered=True),
        link("full", T("🔒 The whole menu, in private"), private_address, offered=True),
    )
    return Area(
        screen(Home.main, main_page, first, ways, home=False),
        screen(Home.status, status_page, verbs(verb("again", T("🔄 Refresh"), going(Home.status))), back=Home.main),
        screen(
            Home.run,
            run_page,
            choices(numbered(pick_job)),
            *searched("jobs"),
            back=Home.main,
        ),
        screen(
            Home.job,
            job_page,
            verbs(
                verb("now", T("▶️ Run now"), run_now, offered=True),
                verb("dry", T("🧪 Dry run"), dry_run, offered=True),
            ),
            back=leave_job,
        ),
        screen(
            Home.steps,
            steps_page,
            choices(pick_step, "step"),
            verbs(
                verb("away", T("📌 Take off the home menu"), put_away, offered=True),
                verb("show", T("📌 Show on the home menu"), show_again, offered=True),
            ),
            back=Home.main,
        ),
        screen(Home.find, find_page, typed(look_up), back=Home.main),
        screen(Home.language, language_page, choices(pick_language, "language"), back=Home.main),
    )
