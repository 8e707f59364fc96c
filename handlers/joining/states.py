"""The windows around letting people in."""

from aiogram.fsm.state import State, StatesGroup


class Joining(StatesGroup):
    """Invitation links, and what else is to be said about somebody who asked for access."""

    links = State()
    link = State()
    role = State()
    stores = State()
    lifetime = State()
    made = State()
    word = State()
