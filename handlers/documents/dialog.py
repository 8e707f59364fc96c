"""The configuration taken in from a file (X-13)."""

from aiogram.enums import ContentType
from aiogram_dialog import Dialog
from aiogram_dialog.widgets.input import MessageInput

from core.texts import T
from handlers.dialogs.area import Area
from handlers.dialogs.widgets import pager, screen, verb, verbs
from handlers.documents import actions as act
from handlers.documents import getters as show
from handlers.documents.states import Documents
from handlers.pins.asking import pin_box


def documents_dialog() -> Dialog:
    return Area(
        screen(Documents.take, show.take_page, _document()),
        screen(
            Documents.plan,
            show.plan_page,
            pager("plan"),
            verbs(
                verb("apply", T("✔️ Apply"), act.apply, offered=True),
                verb("prune", T("🗑 Remove the rest too"), act.prune, offered=True),
            ),
            _document(),
            back=Documents.take,
        ),
        screen(
            Documents.removal,
            show.removal_page,
            pager("plan"),
            verbs(verb("yes", None, act.apply_and_remove, offered=True, danger=True)),
            back=Documents.plan,
        ),
        pin_box(Documents.pin, act.carry_out, back=Documents.plan),
    )


def _document() -> MessageInput:
    return MessageInput(act.take_document, content_types=[ContentType.DOCUMENT])
