"""The PIN: set, asked for, guessed at; never kept in clear."""

import asyncio
from datetime import timedelta

import pytest

from core.access import Actor, Role
from core.clock import ManualClock
from core.configuration.wanted import Section
from core.db.database import Database
from core.errors import BadInput, Forbidden
from core.people.confirming import PAUSE, ConfirmationMissing, ConfirmationNeeded
from core.people.model import Confirmation, Way
from tests.kit.entities import RUI, Chain, make_chain

PIN = "829107"
ERP = Section.INTEGRATIONS
MOVED = {"settings": {"base_url": "http://127.0.0.1:9999", "password": "for-the-new-host"}}


@pytest.fixture
async def chain(database: Database, clock: ManualClock) -> Chain:
    return await make_chain(database, clock)


async def test_without_a_pin_a_new_host_is_refused_with_the_way_to_set_one(chain: Chain) -> None:
    with pytest.raises(ConfirmationMissing, match="/pin"):
        await chain.change(ERP, "ERP", MOVED)
    assert await chain.way(chain.ana) is None


async def test_with_the_pin_the_same_action_goes_through_once(chain: Chain) -> None:
    erp = await chain.id_of(ERP, "ERP")
    await chain.set_pin(chain.ana, PIN)
    with pytest.raises(ConfirmationNeeded):
        await chain.save(chain.ana, ERP, erp, MOVED)
    await chain.save(await chain.confirm(chain.ana, f" {PIN} "), ERP, erp, MOVED)
    assert not chain.ana.confirmed


async def test_a_new_host_without_its_secret_is_refused_before_the_pin_is_asked_for(chain: Chain) -> None:
    with pytest.raises(BadInput, match="another look"):
        await chain.change(ERP, "ERP", {"settings": {"base_url": "http://127.0.0.1:9999"}})


async def test_a_whole_document_from_a_person_needs_the_pin_unless_it_changes_nothing(chain: Chain) -> None:
    apply = chain.configuration.apply
    await apply("version: 1", chain.ana)
    await apply("version: 1\nstores: [{name: 001 Centro, limit: 2}]", chain.ana, dry_run=True)
    with pytest.raises(ConfirmationMissing):
        await apply("version: 1\nstores: [{name: 001 Centro, limit: 2}]", chain.ana)


async def test_five_wrong_pins_make_a_pause_that_even_the_right_one_does_not_end(chain: Chain) -> None:
    await chain.set_pin(chain.ana, PIN)
    said = []
    for _ in range(5):
        with pytest.raises(BadInput) as caught:
            await chain.confirm(chain.ana, "000000")
        said.append(str(caught.value.text))
    assert said[0] == "That is not your PIN. 4 tries are left."
    assert said[3] == "That is not your PIN. 1 try is left."
    assert "Try again in" in said[4]
    with pytest.raises(Forbidden, match="Too many wrong PINs"):
        await chain.confirm(chain.ana, PIN)
    chain.configuration.clock.move(PAUSE + timedelta(seconds=1))
    assert (await chain.confirm(chain.ana, PIN)).confirmed


async def test_guessing_in_parallel_gains_no_tries(chain: Chain) -> None:
    await chain.set_pin(chain.ana, PIN)
    guesses = [chain.confirm(chain.ana, f"77{number:04}") for number in range(8)]
    results = await asyncio.gather(*guesses, return_exceptions=True)

    assert sum(isinstance(result, BadInput) for result in results) == 5
    assert sum(isinstance(result, Forbidden) for result in results) == 3


async def test_the_right_pin_forgets_the_wrong_ones(chain: Chain) -> None:
    await chain.set_pin(chain.ana, PIN)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(BadInput):
                await chain.confirm(chain.ana, "000000")
        await chain.confirm(chain.ana, PIN)


NO_PINS = ["12345", "123456", "876543", "111111", "abcdef", "", "1" * 13, "82 9107", "٨٢٩١٠٧"]


async def test_a_pin_that_is_no_pin_or_easily_guessed_is_refused(chain: Chain) -> None:
    for pin in NO_PINS:
        with pytest.raises(BadInput):
            await chain.set_pin(chain.ana, pin)
        assert await chain.way(chain.ana) is None, pin


async def test_another_pin_takes_the_present_one_first(chain: Chain) -> None:
    await chain.set_pin(chain.ana, PIN)
    with pytest.raises(ConfirmationNeeded):
        await chain.set_pin(chain.ana, "648201")
    await chain.set_pin(await chain.confirm(chain.ana, PIN), "648201")
    with pytest.raises(BadInput):
        await chain.confirm(chain.ana, PIN)
    assert (await chain.confirm(chain.ana, "648201")).confirmed


async def test_the_pin_is_kept_as_a_salted_slow_hash(chain: Chain) -> None:
    await chain.set_pin(chain.ana, PIN)
    await chain.set_pin(chain.actor(1000), PIN)
    async with chain.configuration.database.reading() as session:
        kept = [await session.get_one(Confirmation, chain.people[number].id) for number in (1000, 1001)]
    assert kept[0].secret != kept[1].secret
    assert {row.way for row in kept} == {Way.PIN}
    assert PIN not in repr([row.secret for row in kept]) + await chain.written_down()


async def test_a_manager_and_a_program_have_no_pin(chain: Chain) -> None:
    with pytest.raises(Forbidden):
        await chain.set_pin(chain.actor(RUI), PIN)
    program = Actor(chain.ana.organisation_id, Role.OWNER, "api", "api")
    with pytest.raises(Forbidden):
        await chain.set_pin(program, PIN)
    with pytest.raises(ConfirmationMissing):
        await chain.confirm(program, PIN)
