"""The windows of forms: one dialog for every settings model."""

from aiogram.fsm.state import State, StatesGroup


class Form(StatesGroup):
    """An entity being made or changed."""

    page = State()
    field = State()
    schedule = State()
    rules = State()
    words = State()
    summary = State()
    confirm = State()
    done = State()
