"""Lists look the same everywhere: six names a page, eight rows at most, *Back* and *Home* always last."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from aiogram.fsm.state import State

from core.access import Actor
from core.configuration.wanted import Section
from core.entities.saving import SaveEntity
from core.i18n import LOCALES
from core.people.model import Person
from handlers.audit.states import Audit
from handlers.dialogs.places import Home
from handlers.dialogs.widths import breadth
from handlers.entities.states import Entities
from handlers.forms.states import Form
from handlers.joining.states import Joining
from handlers.menu.brake.states import Brake
from handlers.menu.history.states import History
from handlers.menu.stores.states import Stores
from tests.handlers.dialogs.crowd import crowd
from tests.handlers.dialogs.windows import WINDOWS
from tests.handlers.kit import ANA, RUI, Desk
from tests.handlers.menu.morning import a_morning
from tests.handlers.menu_kit import Walk, opener

NAMES, ROWS, ABREAST = range(6, 9), 8, 2
FOOTERS = {"en": ["⬅ Back", "🏠 Home"], "pt_BR": ["⬅ Voltar", "🏠 Início"], "es": ["⬅ Volver", "🏠 Inicio"]}
ROOM = {1: 99.0, 2: 14.5, 3: 9.5}
TURN = re.compile(r"◀ \d+|\d+ ▶")
PLACE = re.compile(r"P[aá]\w+ \d+ (of|de) \d+")
FOLDS = ("⋯", "🔽", "➡️")
"""What verbs stand behind that have no room on the page."""
ROLES = [*(("owner", locale) for locale in LOCALES), ("admin", "pt_BR"), ("manager", "es"), ("viewer", "en")]
OF_NAMES = (
    Entities.all,
    Entities.removed,
    Entities.several,
    Entities.history,
    Stores.all,
    Stores.products,
    Brake.scopes,
    History.runs,
    History.jobs,
    History.run,
    Home.run,
    Audit.people,
    Joining.links,
    Joining.stores,
    Form.rules,
)
OF_LINES = (Audit.entries, History.part)
"""What is read there, nobody taps."""
SEEN = {"owner": 20, "admin": 20, "manager": 9, "viewer": 6}
"""How many lists a role has at least."""


async def lists(desk: Desk) -> tuple[dict[str, State], dict[str, Mapping[str, Any]]]:
    """Fill every list, and return the windows: those of all kinds, and fields with much to choose from."""
    await a_morning(desk)
    await crowd(desk)
    save, system = await desk.container.get(SaveEntity), Actor.system(desk.organisation_id, "cli")
    for limit in range(11, 20):
        await save(system, Section.STORES, desk.store_ids[0], {"limit": limit})
    states = {_name(state): state for state in WINDOWS}
    given: dict[str, Mapping[str, Any]] = {_name(state): await make(desk) for state, make in WINDOWS.items()}
    for section in set(Section) - {Section.ORGANISATION}:
        states[section.value], given[section.value] = Entities.all, {"section": section.value}
    (rui,) = [one.id for one in await desk.rows(Person) if one.telegram_id == RUI]
    for name, section, about, field in (
        ("zones", Section.ORGANISATION, desk.organisation_id, "timezone"),
        ("stores of a person", Section.USERS, rui, "stores"),
        ("stores of a job", Section.JOBS, desk.job_id, "stores"),
    ):
        states[name], given[name] = Form.field, {"section": section.value, "entity_id": about, "field": [field]}
    return states, given


@pytest.mark.parametrize(("role", "locale"), ROLES)
async def test_a_long_list_has_six_to_eight_names_and_eight_rows_in_every_role_and_language(
    desk: Desk, role: str, locale: str
) -> None:
    states, given = await lists(desk)
    await desk.set_person(ANA, role=role, locale=locale)
    seen = []
    async with opener(desk, states, given):
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        for name, state in states.items():
            before = walk.message
            await walk.says(f"/open {name}")
            if walk.message is before or not _is_long(walk):
                assert len(walk.message.buttons) <= ROWS, name
                continue
            seen.append(name)
            await _look_at(walk, name, locale, named=state not in OF_LINES)
            if state in OF_LINES:
                continue
            await walk.says("0")
            _keyboard(walk, name, locale)
    assert len(seen) >= SEEN[role], seen
    if role == "owner":
        assert {_name(state) for state in (*OF_NAMES, *OF_LINES)} <= set(seen)
        assert {"zones", "stores of a person", "stores of a job"} <= set(seen)


async def _look_at(walk: Walk, name: str, locale: str, *, named: bool) -> None:
    """Look at the first page of a list, the next one, and at what stands behind its one button."""
    rows = _keyboard(walk, name, locale)
    turning = next(number for number, row in enumerate(rows) if _turns(row))
    names, turns = rows[:turning], rows[turning]
    if named:
        assert len(names) in NAMES, (name, rows)
        assert turning == len(rows) - 2, (name, rows)
        # Of a form, two short names of fields may share a row.
        assert all(len(row) == 1 for row in names) or name == _name(Form.page), (name, rows)
    # Of two pages one button leads to the other, always in one place.
    assert len([*filter(TURN.fullmatch, turns)]) == (1 if _pages(walk) == ABREAST else 2), (name, turns)
    await walk.taps(turns[-1])
    assert _turns(_keyboard(walk, name, locale)[-2 if named else 0]), name
    await walk.taps(next(label for label in walk.labels if label.startswith("◀")))
    for fold in [one for one in turns if one.startswith(FOLDS)]:
        await walk.taps(fold)
        unfolded = _keyboard(walk, name, locale)
        assert all(len(row) <= ABREAST for row in unfolded), (name, unfolded)
        # A verb that is the only one stands there itself: its words are short enough.
        assert sum(map(len, unfolded[:-1])) > 1, (name, unfolded)
        assert not {label for row in names for label in row} & set(walk.labels), name
        await walk.taps(FOOTERS[locale][0])
        assert _keyboard(walk, name, locale) == rows, name


def _keyboard(walk: Walk, name: str, locale: str) -> list[list[str]]:
    rows = [[button.text for button in row] for row in walk.message.buttons]
    assert len(rows) <= ROWS, (name, rows)
    assert rows[-1] == FOOTERS[locale], (name, rows)
    cut = [label for row in rows for label in row if breadth(label) > ROOM[len(row)]]
    assert not cut, (name, cut)
    return rows


def _is_long(walk: Walk) -> bool:
    return any(_turns([button.text for button in row]) for row in walk.message.buttons)


def _turns(row: list[str]) -> bool:
    """Tell the row that turns the pages."""
    return any(map(TURN.fullmatch, row))


def _pages(walk: Walk) -> int:
    (found,) = [line for line in walk.text.splitlines() if PLACE.match(line)]
    return int(found.split(",")[0].split()[-1])


def _name(state: State) -> str:
    return state.state or ""
