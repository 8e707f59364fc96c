"""Putting the dialogs behind the commands that open them."""

from aiogram import Router
from aiogram.fsm.storage.base import BaseEventIsolation
from aiogram_dialog import Dialog, setup_dialogs

from core.nursery import Nursery
from handlers.branches import Dialogs
from handlers.delivery.postman import Postman
from handlers.dialogs.doorman import Doorman
from handlers.dialogs.guard import Guard, turn_away
from handlers.dialogs.messages import MenuMessages


def set_up_dialogs(
    router: Router, dialogs: list[Dialog], postman: Postman, isolation: BaseEventIsolation, nursery: Nursery
) -> MenuMessages:
    """Include the dialogs after what the router has, with the doorman before all of it.

    The isolation is the dispatcher's own: the library's default would be a second one.
    """
    doorman = Doorman(isolation, nursery)
    router.message.outer_middleware(doorman)
    router.callback_query.outer_middleware(doorman)
    messages = MenuMessages(postman, nursery)
    router.include_router(Dialogs(dialogs))
    setup_dialogs(router, message_manager=messages, stack_access_validator=Guard(), events_isolation=isolation)
    router.message.outer_middleware(turn_away)
    router.callback_query.outer_middleware(turn_away)
    return messages
