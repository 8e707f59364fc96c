"""Putting the dialogs behind the commands that open them."""

from aiogram import Router
from aiogram.fsm.storage.memory import DisabledEventIsolation
from aiogram_dialog import Dialog, setup_dialogs

from core.nursery import Nursery
from handlers.branches import Dialogs
from handlers.delivery.postman import Postman
from handlers.dialogs.doorman import Doorman
from handlers.dialogs.guard import Guard, turn_away
from handlers.dialogs.messages import MenuMessages


def set_up_dialogs(router: Router, dialogs: list[Dialog], postman: Postman, nursery: Nursery) -> MenuMessages:
    """Include the dialogs after what the router has, with the doorman before all of it.

    They need no locks of their own: the dispatcher has one update of a conversation handled after the other.
    The library would keep one for ever where a database that refuses cuts its reading off.
    """
    isolation = DisabledEventIsolation()
    doorman = Doorman(isolation, nursery)
    router.message.outer_middleware(doorman)
    router.callback_query.outer_middleware(doorman)
    messages = MenuMessages(postman, nursery)
    router.include_router(Dialogs(dialogs))
    setup_dialogs(router, message_manager=messages, stack_access_validator=Guard(), events_isolation=isolation)
    router.message.outer_middleware(turn_away)
    router.callback_query.outer_middleware(turn_away)
    return messages
