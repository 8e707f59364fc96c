"""Typed words search every list in the same way, and every list says in its heading how many it has."""

import re
from datetime import timedelta

import pytest
from aiogram.fsm.state import State

from core.executions.model import Execution, Step
from core.executions.states import Outcome
from core.jobs.model import Job, JobType
from handlers.audit.states import Audit
from handlers.dialogs.places import Home
from handlers.entities.states import Entities
from handlers.forms.states import Form
from handlers.joining.states import Joining
from handlers.menu.brake.states import Brake
from handlers.menu.history.states import History
from handlers.menu.modules.states import Modules
from handlers.menu.stores.states import Stores
from tests.handlers.dialogs.test_lists import OF_LINES, OF_NAMES, lists
from tests.handlers.dialogs.windows import WINDOWS
from tests.handlers.kit import ANA, Desk
from tests.handlers.menu.morning import a_morning
from tests.handlers.menu_kit import Walk, opener

SEARCHED: dict[State, tuple[str, str]] = {
    Entities.all: ("104 lo", "104 Loja"),
    Entities.removed: ("103 lo", "103 Loja"),
    Entities.several: ("104 lo", "104 Loja"),
    Entities.history: ("13 PIECES", "Version"),
    Entities.kinds: ("CRÉSC", "CresceVendas"),
    Stores.all: ("104 lo", "104 Loja"),
    Stores.products: ("produto 2007", "PRODUTO 2007"),
    Brake.scopes: ("104 lo", "104 Loja"),
    History.jobs: ("job 104", "Job 104"),
    History.run: ("104 LÓ", "104 Loja"),
    Home.run: ("JOB 104", "Job 104"),
    Audit.people: ("person 104", "Person 104"),
    Joining.links: ("VIEW", "viewer"),
    Joining.stores: ("104 lo", "104 Loja"),
    Modules.all: ("WEB", "webhook"),
}
"""What is typed in each list, and what it finds there."""
HEADED = [
    *(state for state in SEARCHED if state is not History.run),
    History.runs,
]
SEARCHED_OTHERWISE = {
    History.runs: "by job, state and day",
    Audit.entries: "by person, kind and time",
    Form.rules: "a typed name is that of the channel",
    History.part: "its lines are no buttons",
}
SEE_ALL = "✖ See all"


@pytest.mark.parametrize("state", SEARCHED, ids=lambda state: state.state)
async def test_typed_words_find_what_has_them_and_see_all_brings_the_whole_list_back(desk: Desk, state: State) -> None:
    states, given = await lists(desk)
    words, found = SEARCHED[state]
    async with opener(desk, states, given):
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        await walk.says(f"/open {state.state}")
        whole = walk.labels
        assert SEE_ALL not in whole
        text = await walk.says(words)
        assert re.search(rf"“{words}”: \d+ results?\.", text), text
        names = [label for label in walk.labels if found in label]
        assert names
        assert walk.message.buttons[0][0].text in names
        assert "Nothing fits “nowhere”." in await walk.says("nowhere")
        assert not [label for label in walk.labels if found in label]
        await walk.taps(SEE_ALL)
        assert walk.labels == whole


def test_no_long_list_is_left_without_a_search() -> None:
    assert {*OF_NAMES, *OF_LINES} - SEARCHED.keys() == SEARCHED_OTHERWISE.keys()


@pytest.mark.parametrize(
    ("part", "words", "found"),
    [
        ("lines", "2007", "• PRODUTO 2007 (2007): "),
        ("rejects", "777", "⚪ … "),
        ("differences", "UNREADABLE", "club price unreadable"),
        ("log", "29 lines", "29 lines sent"),
    ],
)
async def test_typed_words_find_the_lines_of_a_store_in_a_run(desk: Desk, part: str, words: str, found: str) -> None:
    await a_morning(desk)
    given = {"run": 1, "store": desk.store_ids[0], "part": part}
    async with opener(desk, {"part": History.part}, {"part": given}):
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        whole = await walk.says("/open part")
        told = await walk.says(words)
        assert f"“{words}”: 1 result." in told
        assert found in told
        assert "Nothing fits “nowhere”." in await walk.says("nowhere")
        assert await walk.taps(SEE_ALL) == whole


@pytest.mark.parametrize("state", HEADED, ids=lambda state: state.state)
async def test_a_list_of_one_page_says_in_its_heading_how_many_it_has_or_in_words_that_it_has_none(
    desk: Desk, state: State
) -> None:
    await a_morning(desk)
    given = {str(state.state): await WINDOWS[state](desk)}
    async with opener(desk, {str(state.state): state}, given):
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        heading, *lines = (await walk.says(f"/open {state.state}")).splitlines()

    assert re.search(r": ([1-9]\d*|no)( |$)", heading) or lines[-1].startswith(("No ", "Nothing ")), heading


async def test_a_list_without_anything_says_so_without_a_nought(desk: Desk) -> None:
    await a_morning(desk)
    await desk.set_person(ANA, locale="pt_BR")
    states = {"products": Stores.products, "kinds": Entities.kinds, "audit": Audit.entries}
    given = {"products": {"store": desk.store_ids[0]}, "kinds": {"section": "integrations"}, "audit": {}}
    async with opener(desk, states, given):
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        await walk.says("/open products")
        assert "🏷 001 Centro: nenhum produto com desconto" in await walk.says("nowhere")
        await walk.says("/open kinds")
        assert "Nova integração: nenhum tipo" in await walk.says("nowhere")
        assert "🧾 Auditoria: nenhum registro" in await walk.says("/open audit")
        await walk.says("/health")
        health = await desk.telegram.wait_for(ANA, "Execuções")
        assert "nenhuma mensagem na fila" in health.text
        assert "Execuções: nenhuma em andamento" in health.text


async def test_anybody_is_no_person_and_not_counted(desk: Desk) -> None:
    async with opener(desk, {"people": Audit.people}, {"people": {}}):
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        text = await walk.says("/open people")

    assert "👥 People: 3" in text
    assert walk.labels[:4] == ["👤 Anybody", "👤 Ana", "👤 Rui", "👤 Vera"]


async def test_page_and_search_of_one_kind_are_not_those_of_another_and_stay_its_own(desk: Desk) -> None:
    states, given = await lists(desk)
    async with opener(desk, states, given):
        walk = Walk(desk, desk.ana)
        await walk.says("/integrations")
        assert "Integrations: 1" in await walk.says("erp 104")
        await walk.says("/jobs")
        assert "Jobs: 31" in walk.text
        assert "Page 1 of" in walk.text
        await walk.taps("3 ▶" if "3 ▶" in walk.labels else "2 ▶")
        assert "Page 2 of" in walk.text
        assert "Page 1 of" in await walk.says("/users")
        assert "“erp 104”: 1 result." in await walk.says("/integrations")
        assert "Page 2 of" in await walk.says("/jobs")


async def test_a_search_in_one_run_is_not_one_in_another(desk: Desk) -> None:
    await a_morning(desk)
    now = desk.clock.now()
    async with desk.database.writing() as session:
        first = await session.get_one(Execution, 1)
        columns = {c.key: getattr(first, c.key) for c in Execution.__table__.columns if c.key != "id"}
        again = Execution(**{**columns, "dedupe_key": "again", "created_at": now + timedelta(minutes=1)})
        session.add(again)
        await session.flush()
        session.add(Step(execution_id=again.id, store_id=desk.store_ids[1], position=0, outcome=Outcome.VERIFIED))
        number = again.id
    given = {"first": {"run": 1}, "second": {"run": number}}
    async with opener(desk, {"first": History.run, "second": History.run}, given):
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        await walk.says("/open first")
        assert "“nor”: 1 result." in await walk.says("nor")
        assert "“nor”: 1 result." in await walk.says("/open first")
        await walk.says("/open second")
        assert "“nor”" not in walk.text
        assert SEE_ALL not in walk.labels


async def test_a_deleted_store_is_offered_to_be_brought_back_also_where_none_is_left(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/jobs")
        assert "🗑 Deleted" not in walk.labels
        async with desk.database.writing() as session:
            (await session.get_one(Job, desk.job_id)).deleted_at = desk.clock.now()
        assert (await walk.says("/jobs")).startswith("🗓 Jobs\n")
        assert "🗑 Deleted" in walk.labels
        assert "Deleted · Jobs: 1" in await walk.taps("Deleted")


async def test_home_run_finds_a_job_by_what_it_does_in_the_readers_language(desk: Desk) -> None:
    await desk.add_job("Cleanup", JobType.CLEANUP)
    await desk.set_person(ANA, locale="pt_BR")
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/run")
        assert "Tarefas: 1" in await walk.says("sincroniz")
