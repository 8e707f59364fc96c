"""One dialog lists, opens, changes, deletes and restores whatever can be configured."""

from aiogram.enums import ContentType
from aiogram_dialog import Dialog, Window
from aiogram_dialog.widgets.input import MessageInput

from core.entities.bulk import StoreChange
from core.texts import T
from handlers.confirming.asking import confirm_box
from handlers.dialogs.area import Area
from handlers.dialogs.lists import MORE, all_again, below, choices, grid, search, searched
from handlers.dialogs.menu import Menu
from handlers.dialogs.places import Home
from handlers.dialogs.widgets import screen, typed, verb, verbs
from handlers.documents.states import Documents
from handlers.entities import actions as act
from handlers.entities import deeds
from handlers.entities import getters as show
from handlers.entities.files import apply_file, file_page, send_rows, send_template, take_file
from handlers.entities.states import Entities
from handlers.joining.states import Joining
from handlers.menu.ways import going, opening


def entities_dialog() -> Dialog:
    return Area(
        _all(),
        _kinds(),
        _one(),
        _more(),
        _delete(),
        _off(),
        _off_several(),
        _history(),
        _version(),
        _removed(),
        _several(),
        _tag(),
        _sender(),
        _file(),
        confirm_box(Entities.confirm, deeds.carry_out, back=deeds.leave_confirming),
    )


def _all() -> Window:
    return screen(
        Entities.all,
        show.all_page,
        choices(act.pick, "entity"),
        below(
            verb("new", T("🆕 Add"), act.new, offered=True),
            verb("several", T("☑️ Several"), going(Entities.several), offered=True),
            verb("removed", T("🗑 Deleted"), going(Entities.removed), offered=True),
            verb("invite", T("🔗 Invite"), opening(Joining.links), offered=True),
            verb("file", T("📥 From a file"), act.from_file, offered=True),
            verb("undo", T("↩️ Undo"), act.undo_several, offered=True),
            all_again(),
        ),
        search(),
        MessageInput(take_file, content_types=[ContentType.DOCUMENT]),
    )


def _kinds() -> Window:
    return screen(
        Entities.kinds, show.kinds_page, choices(act.pick_kind, "kind"), *searched("kinds"), back=Entities.all
    )


def _one() -> Window:
    return screen(
        Entities.one,
        show.one_page,
        verbs(
            verb("renew", T("🔑 Renew"), act.renew, offered=True),
            verb("again", T("🔁 Try again"), act.try_again, offered=True),
            verb("run", T("▶️ Run"), act.run_job, offered=True),
            verb("change", T("✏️ Change"), act.change, offered=True),
            verb("schedule", T("⏰ Schedule"), act.change_field("schedule"), offered=True),
            verb("notify", T("🔔 Who is told"), act.change_field("notify"), offered=True),
            verb("test", T("🔎 Test"), act.test, offered=True),
            verb("resume", T("▶️ Resume job"), act.switch(on=True), offered=True),
            verb("pause", T("⏸ Pause the job"), act.switch(on=False), offered=True),
            verb("on", T("▶️ Switch on"), act.switch(on=True), offered=True),
            verb("off", T("💤 Switch off"), act.switch_off, offered=True),
            verb("steps", T("🚀 First steps"), opening(Home.steps), offered=True),
            verb("export", T("📤 Export"), act.export, offered=True),
            verb("import", T("📥 Import"), opening(Documents.take), offered=True),
            verb("modules", T("🧩 Modules"), act.modules, offered=True),
            verb("history", T("📜 Versions"), going(Entities.history), offered=True),
            verb("audit", T("🧾 Audit"), act.audit, offered=True),
            verb("block", T("🚫 Block"), deeds.doing("block"), offered=True),
            verb("unblock", T("✅ Unblock"), deeds.doing("unblock"), offered=True),
            verb("forget_pin", T("🔐 Void PIN/app"), deeds.doing("forget_pin"), offered=True),
            verb("undo", T("↩️ Undo"), deeds.doing("undo"), offered=True),
            verb("more", MORE, going(Entities.more), offered=True),
        ),
        grid(act.pick_choice, "choice"),
        back=_back_from_one,
    )


def _more() -> Window:
    return screen(
        Entities.more,
        show.more_page,
        verbs(
            verb("copy", T("📑 Copy"), act.clone, offered=True),
            verb("audit", T("🧾 Audit"), act.audit),
            verb("delete", T("🗑 Delete"), going(Entities.delete), danger=True),
        ),
        back=Entities.one,
    )


def _delete() -> Window:
    return screen(
        Entities.delete,
        show.delete_page,
        verbs(verb("yes", T("🗑 Yes, delete"), deeds.doing("delete"), offered=True, danger=True)),
        back=Entities.one,
    )


def _off() -> Window:
    return screen(
        Entities.off,
        show.off_page,
        verbs(verb("yes", T("💤 Yes, switch off"), act.switch(on=False))),
        back=Entities.one,
    )


def _off_several() -> Window:
    return screen(
        Entities.off_several,
        show.off_several_page,
        verbs(verb("yes", T("💤 Yes, switch off"), act.changing(StoreChange.DEACTIVATE))),
        back=Entities.several,
    )


def _history() -> Window:
    return screen(
        Entities.history,
        show.history_page,
        choices(act.pick_version, "version"),
        *searched("versions"),
        back=Entities.one,
    )


def _version() -> Window:
    return screen(
        Entities.version,
        show.version_page,
        verbs(verb("roll_back", T("⏪ Go back to it"), deeds.doing("roll_back"), offered=True)),
        back=Entities.history,
    )


def _removed() -> Window:
    return screen(
        Entities.removed,
        show.removed_page,
        choices(deeds.restore, "gone"),
        *searched("removed"),
        back=Entities.all,
    )


def _several() -> Window:
    return screen(
        Entities.several,
        show.several_page,
        choices(act.tick, "tick"),
        below(
            verb("tick_all", T("☑️ Tick all"), act.tick_all, offered=True),
            verb("undo", T("↩️ Undo"), act.undo_several, offered=True),
            verb("activate", T("▶️ Switch on"), act.changing(StoreChange.ACTIVATE), offered=True),
            verb("deactivate", T("💤 Switch off"), going(Entities.off_several), offered=True),
            verb("tag", T("🏷 Tag"), going(Entities.tag), offered=True),
            verb("sender", T("🔀 Who sends"), going(Entities.sender), offered=True),
            all_again(),
            more=T("➡️ Go on"),
        ),
        search(),
        back=Entities.all,
    )


def _tag() -> Window:
    return screen(Entities.tag, show.tag_page, typed(act.typed_tag), back=Entities.several)


def _sender() -> Window:
    return screen(
        Entities.sender,
        show.sender_page,
        verbs(
            verb("ours", T("🟢 Chimera sends"), act.changing(StoreChange.CUT_OVER)),
            verb("theirs", T("🧪 The old system sends"), act.changing(StoreChange.NOT_CUT_OVER)),
            width=1,
        ),
        back=Entities.several,
    )


def _file() -> Window:
    return screen(
        Entities.file,
        file_page,
        verbs(
            verb("apply", T("✔️ Apply"), apply_file, offered=True),
            verb("rows", T("📄 All rows"), send_rows, offered=True),
            verb("template", T("📄 Empty spreadsheet"), send_template, offered=True),
        ),
        MessageInput(take_file, content_types=[ContentType.DOCUMENT]),
        back=Entities.all,
    )


async def _back_from_one(menu: Menu) -> None:
    """Go back to the list, or to whatever opened this one entity."""
    if "entity_id" in menu.given:
        await menu.back()
    else:
        await menu.go(Entities.all)
