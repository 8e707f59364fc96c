"""The windows about modules."""

from aiogram.fsm.state import State, StatesGroup


class Modules(StatesGroup):
    """All of them, one of them, and the PIN that lets its code in or out."""

    all = State()
    one = State()
    confirm = State()
