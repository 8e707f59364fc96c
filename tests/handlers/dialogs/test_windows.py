"""Every window is drawn through the real storage and a strict Telegram, in every language."""

import pytest
from aiogram.fsm.state import State
from aiogram_dialog.about import AiogramDialogStates
from aiogram_dialog.setup import collect_dialogs

from core.i18n import LOCALES
from core.stores.model import Store
from handlers.dialogs.places import Home
from tests.handlers.dialogs.windows import WINDOWS
from tests.handlers.kit import ANA, Desk
from tests.handlers.menu.morning import a_morning
from tests.handlers.menu_kit import Walk, opener

ROWS = 8
FOOTERS = {"en": ["⬅ Back", "🏠 Home"], "pt_BR": ["⬅ Voltar", "🏠 Início"], "es": ["⬅ Volver", "🏠 Inicio"]}


async def test_every_window_is_looked_at_here(desk: Desk) -> None:
    async with desk.chat() as chat:
        states = {state for one in collect_dialogs(chat.dispatcher) for state in one.states()}

    assert states - {AiogramDialogStates.ABOUT} == set(WINDOWS)


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_window_is_drawn(desk: Desk, locale: str) -> None:
    await desk.set_person(ANA, locale=locale, role="owner")
    await desk.set_row(Store, desk.store_ids[0], name="Loja: “Ágil” #1 {sul}")
    await a_morning(desk)
    given = {_name(state): await make(desk) for state, make in WINDOWS.items()}
    async with opener(desk, {_name(state): state for state in WINDOWS}, given):
        walk = Walk(desk, desk.ana)
        for state in WINDOWS:
            before = walk.message if state is not Home.main else None
            await walk.says(f"/open {_name(state)}")
            assert walk.message is not before, state
            assert walk.text.strip()
            check(walk, state, locale)


def check(walk: Walk, state: State, locale: str) -> None:
    rows = [[button.text for button in row] for row in walk.message.buttons]
    assert len(rows) <= ROWS, state
    assert len(walk.text) < 4096
    if state is not Home.main:
        assert rows[-1] == FOOTERS[locale], state


def _name(state: State) -> str:
    return state.state or ""
