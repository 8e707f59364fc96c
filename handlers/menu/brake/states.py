"""The windows of the brake."""

from aiogram.fsm.state import State, StatesGroup


class Brake(StatesGroup):
    """What can be paused, and one of it."""

    scopes = State()
    one = State()
