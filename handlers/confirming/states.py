"""The windows of one's own PIN."""

from aiogram.fsm.state import State, StatesGroup


class Confirming(StatesGroup):
    """Setting or changing a PIN, in private only."""

    present = State()
    new = State()
    again = State()
