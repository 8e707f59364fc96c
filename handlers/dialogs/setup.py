"""Putting the dialogs behind the commands of a dispatcher."""

from aiogram import Dispatcher
from aiogram.fsm.storage.base import BaseEventIsolation
from aiogram_dialog import Dialog, setup_dialogs

from core.nursery import Nursery
from handlers.delivery.postman import Postman
from handlers.dialogs.doorman import Doorman
from handlers.dialogs.guard import Guard
from handlers.dialogs.menu import MENUS
from handlers.dialogs.messages import MenuMessages


def set_up_dialogs(
    dispatcher: Dispatcher, dialogs: list[Dialog], postman: Postman, isolation: BaseEventIsolation, nursery: Nursery
) -> None:
    """Include the dialogs after what the dispatcher has, with the doorman before all of it.

    The isolation is the dispatcher's own: the library's default would be a second one.
    """
    doorman = Doorman(isolation, nursery)
    dispatcher.message.outer_middleware(doorman)
    dispatcher.callback_query.outer_middleware(doorman)
    messages = MenuMessages(postman, nursery)
    dispatcher[MENUS] = messages
    dispatcher.include_routers(*dialogs)
    setup_dialogs(dispatcher, message_manager=messages, stack_access_validator=Guard(), events_isolation=isolation)
