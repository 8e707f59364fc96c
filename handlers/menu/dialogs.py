"""All dialogs of the chat, in the order in which they are looked at."""

from aiogram_dialog import Dialog

from handlers.audit.dialog import audit_dialog
from handlers.confirming.dialog import confirming_dialog
from handlers.documents.dialog import documents_dialog
from handlers.entities.dialog import entities_dialog
from handlers.forms.dialog import form_dialog
from handlers.joining.dialog import joining_dialog
from handlers.menu.brake.dialog import brake_dialog
from handlers.menu.history.dialog import history_dialog
from handlers.menu.home.dialog import home_dialog
from handlers.menu.modules.dialog import modules_dialog
from handlers.menu.stores.dialog import stores_dialog


def all_dialogs() -> list[Dialog]:
    """Return new dialogs; a router belongs to one dispatcher only."""
    return [
        home_dialog(),
        brake_dialog(),
        stores_dialog(),
        history_dialog(),
        form_dialog(),
        entities_dialog(),
        documents_dialog(),
        joining_dialog(),
        audit_dialog(),
        confirming_dialog(),
        modules_dialog(),
    ]
