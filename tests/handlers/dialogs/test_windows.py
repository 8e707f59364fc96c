"""Every window is drawn through the real storage and a strict Telegram, in every language."""

from datetime import timedelta

import pytest
from aiogram.fsm.state import State
from aiogram_dialog.about import AiogramDialogStates
from aiogram_dialog.setup import collect_dialogs

from core.channels.model import Channel
from core.configuration.wanted import Section
from core.connections.model import Integration
from core.i18n import LOCALES
from core.jobs.model import Job, JobType
from core.people.model import Invitation, Person
from core.stores.model import Store
from handlers.dialogs.places import Home
from handlers.entities.states import Entities
from handlers.joining.states import Joining
from handlers.menu.history.states import History
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


async def test_no_keyboard_has_more_than_eight_rows_however_long_its_list_is_and_also_while_it_is_searched(
    desk: Desk,
) -> None:
    await desk.set_person(ANA, role="owner")
    await a_morning(desk)
    await _crowd(desk)
    states = {_name(state): state for state in WINDOWS} | {section.value: Entities.all for section in Section}
    given = {_name(state): await make(desk) for state, make in WINDOWS.items()}
    given |= {section.value: {"section": section.value} for section in Section}
    async with opener(desk, states, given):
        walk = Walk(desk, desk.ana)
        long = []
        for name in states:
            await walk.says(f"/open {name}")
            assert len(walk.message.buttons) <= ROWS, name
            if not any(label.startswith("1 / ") for label in walk.labels):
                continue
            long.append(name)
            if "☑️ All found" in walk.labels:
                await walk.taps("☑️ All found")
            elif name not in {_name(Joining.links), _name(History.runs)}:
                await walk.says("0")
            assert len(walk.message.buttons) <= ROWS, name
    assert len(long) >= 14, long


async def _crowd(desk: Desk) -> None:
    """Add so many of everything that no list of it fits on one page."""
    home, now = {"organisation_id": desk.organisation_id}, desk.clock.now()
    ends, (ana, *_) = now + timedelta(hours=1), await desk.rows(Person)
    async with desk.database.writing() as session:
        for number in range(100, 120):
            gone = {"deleted_at": now if number % 2 else None}
            session.add_all(
                [
                    Store(**home, name=f"{number} Loja", cnpj=f"{number:014}", **gone),
                    Channel(**home, name=f"Group {number}", module="telegram", settings={"chat_id": -number}),
                    Integration(**home, name=f"ERP {number}", module="rp"),
                    Person(**home, telegram_id=number, name=f"Person {number}", role="viewer", created_at=now),
                    Job(**home, name=f"Job {number}", type=JobType.CLEANUP, due_after=now),
                    Invitation(
                        **home, hash=str(number), role="viewer", invited_by=ana.id, created_at=now, expires_at=ends
                    ),
                ]
            )


def check(walk: Walk, state: State, locale: str) -> None:
    rows = [[button.text for button in row] for row in walk.message.buttons]
    assert len(rows) <= ROWS, state
    assert len(walk.text) < 4096
    if state is not Home.main:
        assert rows[-1] == FOOTERS[locale], state


def _name(state: State) -> str:
    return state.state or ""
