"""One dialog of few windows shows the form of any settings model."""

from typing import Any

from aiogram.enums import ContentType
from aiogram.fsm.state import State
from aiogram_dialog import Dialog, DialogManager, Window
from aiogram_dialog.widgets.input import MessageInput
from aiogram_dialog.widgets.input.base import MessageHandlerFunc
from aiogram_dialog.widgets.kbd import Keyboard

from core.texts import T
from handlers.confirming.asking import confirm_box
from handlers.dialogs.area import Area
from handlers.dialogs.lists import below, choices, grid
from handlers.dialogs.menu import Menu
from handlers.dialogs.widgets import Act, Pick, Show, screen, verb, verbs
from handlers.forms import actions as act
from handlers.forms import rules as tell
from handlers.forms import scheduling as plan
from handlers.forms import wording as phrase
from handlers.forms.getters import done_page, field_page, form_page, summary_page
from handlers.forms.states import Form
from handlers.forms.typing import typed_search, typed_value


def form_dialog() -> Dialog:
    return Area(_page(), _field(), _schedule(), _rules(), _words(), _summary(), _pin(), _done(), on_start=_begin)


async def _begin(_data: Any, manager: DialogManager) -> None:
    await act.open_form(Menu(manager))


def _page() -> Window:
    return screen(
        Form.page,
        form_page,
        grid(act.pick_field, "field"),
        below(
            verb("review", T("💾 Review"), act.review, offered=True),
            verb("advanced", T("⚙️ Advanced"), act.show_advanced, offered=True),
            verb("add", T("🆕 Add"), act.add_entry, offered=True),
            verb("remove", T("❌ Remove"), act.start_removing, offered=True),
            name="fields",
        ),
        MessageInput(typed_search, content_types=[ContentType.TEXT]),
        back=act.leave_page,
    )


def _field() -> Window:
    return screen(
        Form.field,
        field_page,
        choices(act.pick_value, "pick"),
        below(
            verb("connect", T("🔌 Connect it"), act.connect_one, offered=True),
            verb("done", T("✔️ Done"), act.value_done, offered=True),
            verb("clear", T("🧹 Clear"), act.clear, offered=True),
            verb("here", T("📍 Use this chat"), act.use_here, offered=True),
            verb("skip", T("⏭ Skip"), act.skip, offered=True),
            verb("save", T("💾 Save"), act.save, offered=True),
            name="picks",
        ),
        MessageInput(typed_value, content_types=[ContentType.ANY]),
        back=act.leave_field,
    )


def _schedule() -> Window:
    buttons = verbs(
        verb("more", T("➕ Time"), plan.more, offered=True),  # noqa: RUF001 - a sign on a button
        verb("turn", T("⏩ Next"), plan.turn, offered=True),
        verb("less", T("❌ Remove"), plan.less, offered=True),
        verb("by_hand", T("✋ By hand"), plan.by_hand, offered=True),
        *_ending(),
    )
    return _laid_out(Form.schedule, plan.schedule_page, plan.tap, plan.typed_schedule, buttons)


def _rules() -> Window:
    every = verb("all", T("☑️ All"), tell.all_events, offered=True)
    undo = verb("undo", T("↩️ Undo"), act.undo_last, offered=True)
    buttons = below(every, undo, *_ending(), name=tell.CHANNELS)
    return _laid_out(Form.rules, tell.rules_page, tell.tap, tell.typed_rule, buttons, back=tell.leave)


def _words() -> Window:
    buttons = verbs(
        verb("standard", T("🧹 Standard text"), phrase.standard, offered=True),
        verb("events", T("🔔 Other event"), phrase.other_event, offered=True),
        *_ending(),
    )
    return _laid_out(Form.words, phrase.words_page, phrase.tap, phrase.typed_words, buttons)


def _ending() -> tuple[Keyboard, Keyboard]:
    """Return the buttons that end the making of a value."""
    return verb("done", T("✔️ Done"), act.value_done, offered=True), verb("save", T("💾 Save"), act.save, offered=True)


def _laid_out(
    state: State, show: Show, tap: Pick, typed: MessageHandlerFunc, buttons: Keyboard, back: Act = act.leave_field
) -> Window:
    """Return the window of a value that is tapped together, or typed."""
    taken = MessageInput(typed, content_types=[ContentType.TEXT])
    return screen(state, show, grid(tap, "grid"), buttons, taken, back=back)


def _summary() -> Window:
    return screen(
        Form.summary,
        summary_page,
        choices(act.pick_problem, "problem"),
        verbs(
            verb("save", T("💾 Save"), act.save, offered=True),
            verb("test", T("🔎 Test"), act.test, offered=True),
        ),
        verbs(verb("save_off", T("💤 Keep it off"), act.save_off, offered=True)),
        verbs(verb("discard", T("🗑 Discard"), act.discard, offered=True)),
        back=Form.page,
    )


def _pin() -> Window:
    return confirm_box(Form.confirm, act.carry_out, back=act.leave_confirming)


def _done() -> Window:
    return screen(
        Form.done,
        done_page,
        verbs(
            verb("again", T("🔁 Run again"), act.run_again, offered=True),
            verb("open", T("➡️ Open it"), act.open_saved, offered=True),
            verb("undo", T("↩️ Undo"), act.undo, offered=True),
        ),
        back=act.close,
    )
