"""Where everything leads back to."""

from aiogram.fsm.state import State, StatesGroup

PLACES = "places"


class Home(StatesGroup):
    """The home menu."""

    main = State()
    status = State()
    run = State()
    job = State()
    find = State()
    language = State()
    steps = State()
