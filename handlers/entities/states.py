"""The windows around what can be configured: one set for every kind of entity."""

from aiogram.fsm.state import State, StatesGroup


class Entities(StatesGroup):
    """Entities of one kind; the dialog is opened with their `section`."""

    all = State()
    kinds = State()
    one = State()
    more = State()
    delete = State()
    off = State()
    off_several = State()
    history = State()
    version = State()
    removed = State()
    several = State()
    tag = State()
    sender = State()
    file = State()
    confirm = State()
