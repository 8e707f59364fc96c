"""The windows in which people choose what they confirm with."""

from aiogram.fsm.state import State, StatesGroup


class Confirming(StatesGroup):
    """A PIN or an authenticator app, in private only; `present` asks for the one that is to be changed."""

    ways = State()
    pin = State()
    again = State()
    app = State()
    present = State()
