"""The windows around the configuration as a document."""

from aiogram.fsm.state import State, StatesGroup


class Documents(StatesGroup):
    """Taking a document in: the file, its plan, what it removes, the PIN."""

    take = State()
    plan = State()
    removal = State()
    confirm = State()
