"""The configuration taken in from a file (X-13)."""

from aiogram.enums import ContentType
from aiogram_dialog import Dialog
from aiogram_dialog.widgets.input import MessageInput

from core.texts import T
from handlers.confirming.asking import confirm_box
from handlers.dialogs.area import Area
from handlers.dialogs.lists import below
from handlers.dialogs.widgets import screen, verb
from handlers.documents import actions as act
from handlers.documents import getters as show
from handlers.documents.states import Documents


def documents_dialog() -> Dialog:
    return Area(
        screen(Documents.take, show.take_page, _document()),
        screen(
            Documents.plan,
            show.plan_page,
            below(
                verb("apply", T("✔️ Apply"), act.apply, offered=True),
                verb("prune", T("🗑 Remove the rest too"), act.prune, offered=True),
                name="plan",
            ),
            _document(),
            back=Documents.take,
        ),
        screen(
            Documents.removal,
            show.removal_page,
            below(verb("yes", None, act.apply_and_remove, offered=True, danger=True), name="plan"),
            back=Documents.plan,
        ),
        confirm_box(Documents.confirm, act.carry_out, back=Documents.plan),
    )


def _document() -> MessageInput:
    return MessageInput(act.take_document, content_types=[ContentType.DOCUMENT])
