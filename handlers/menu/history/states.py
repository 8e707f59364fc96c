"""The windows about runs."""

from aiogram.fsm.state import State, StatesGroup


class History(StatesGroup):
    """Runs, how they are filtered, one of them, one store of it, what was found there."""

    runs = State()
    jobs = State()
    kinds = State()
    days = State()
    run = State()
    store = State()
    part = State()
    why = State()
