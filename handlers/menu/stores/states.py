"""The windows about stores."""

from aiogram.fsm.state import State, StatesGroup


class Stores(StatesGroup):
    """All of them, one of them, its products, one of those, and what is done by hand."""

    all = State()
    one = State()
    products = State()
    product = State()
    deed = State()
    confirm = State()
