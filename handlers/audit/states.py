"""The windows of the audit."""

from aiogram.fsm.state import State, StatesGroup


class Audit(StatesGroup):
    """What was done, and by what it is filtered."""

    entries = State()
    people = State()
    kinds = State()
    times = State()
