"""Buttons of menus: old, foreign, forged ones lead home with one line, and grant nothing (X-3)."""

import asyncio
import random
import time

import pytest
from sqlalchemy import update

from core.db.database import Database
from core.jobs.model import Job
from core.organisations.model import Organisation
from core.people.model import Person
from handlers.delivery.pacing import Paces
from handlers.service import Tempo
from tests.handlers.kit import ANA, GROUP, HURRY, RUI, Desk, until, until_sent
from tests.handlers.menu_kit import SEPARATOR, Walk, is_menu, settled

OUTDATED = "out of date"
FORGED = [
    f"zzzz{SEPARATOR}status",
    f"{SEPARATOR}status",
    f"{SEPARATOR * 63}",
    "x" * 64,
    "status",
    "\N{BOMB}" * 16,
    f"' OR 1=1 --{SEPARATOR}home",
    f"aiogd:stack:{SEPARATOR}x",
]


async def test_menu_opens_home_and_windows_change_in_the_same_message(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        assert "Home" in await walk.says("/menu")
        message = walk.message
        assert "How things stand" in await walk.taps("Status")
        assert "Home" in await walk.taps("Back")

    assert walk.message is message


async def test_start_greets_by_name_above_the_menu(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        assert "Hello, Ana!" in await walk.says("/start")
        assert "Hello" not in await walk.taps("Status", "Back")


async def test_a_new_menu_takes_the_place_of_the_one_further_up(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        first = walk.message
        await walk.says("/menu")
        await until(lambda: first.deleted)

    assert sum(map(is_menu, desk.telegram.messages(ANA))) == 1


async def test_a_menu_of_unknown_age_only_loses_its_buttons(desk: Desk) -> None:
    walk = Walk(desk, desk.ana)
    async with desk.chat():
        await walk.says("/menu")
    first = walk.message
    async with desk.chat():
        await walk.says("/menu")
        await until(lambda: not first.buttons)

    assert not first.deleted


@pytest.mark.parametrize("data", FORGED)
async def test_a_forged_button_leads_home_with_one_line(desk: Desk, data: str) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        await walk.taps("Status")
        message = walk.message
        assert OUTDATED in await walk.forges(data)

        assert "out of date, so here is the menu afresh" in walk.text
        assert "Home" in walk.text
        assert walk.message is message


@pytest.mark.parametrize("data", FORGED)
async def test_a_forged_button_on_another_message_leaves_that_message_alone(desk: Desk, data: str) -> None:
    async with desk.chat():
        await desk.ana.says("/help")
        card = await desk.telegram.wait_for(ANA, "what I can do")
        text = card.text
        walk = Walk(desk, desk.ana)
        assert OUTDATED in await walk.forges(data, card)

        assert "Home" in walk.text
        assert (card.text, card.deleted) == (text, False)


@pytest.mark.parametrize("button", ["item:99999999999999999999", "item:2147483648", "list_pager:99999999999999999999"])
async def test_a_number_that_no_row_can_have_is_a_button_out_of_date(desk: Desk, button: str) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/history")
        dialog, _, _ = walk.data("Home").partition(SEPARATOR)
        await walk.forges(f"{dialog}{SEPARATOR}{button}")
        assert "out of date, so here is the menu afresh" in walk.text


async def test_a_burst_of_old_buttons_is_answered_at_once_and_opens_home_once(desk: Desk) -> None:
    async with desk.chat(Tempo(Paces(private=0.3, group=0.3), HURRY.rhythm)):
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        taps = [await desk.ana.taps(walk.message, data=f"old{number}{SEPARATOR}x") for number in range(12)]
        answers = [await tap for tap in taps]
        await settled(desk)

    assert all(OUTDATED in answer.text for answer in answers)
    assert max(answer.after for answer in answers) < 2
    assert sum("out of date, so here is" in text for text in desk.texts(ANA)) == 1


async def test_a_button_that_the_open_window_does_not_have_leads_home(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        status = walk.data("Status")
        await walk.taps("Status")
        await walk.forges(status.replace("status", "nothing"))
        assert "out of date, so here is the menu afresh" in walk.text
        assert "Home" in walk.text


async def test_a_dialog_opened_within_the_second_of_another_leads_back_to_it(desk: Desk) -> None:
    # The library draws ids out of a hundred a second: here it draws the same one every time.
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await asyncio.sleep(1 - time.time() % 1)
        random.seed(1)
        await walk.says("/jobs")
        message = walk.message
        random.seed(1)
        entity = await walk.taps("Daily sync")
        random.seed(1)
        assert await walk.taps("Change", "Back") == entity
        assert walk.message is message


async def test_the_second_half_of_a_double_tap_changes_nothing(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        data = walk.data("Status")
        first, second = [await desk.ana.taps(walk.message, data=data) for _ in range(2)]
        await first
        await second
        await settled(desk)

        assert "How things stand" in walk.text
        assert OUTDATED not in walk.text


async def test_a_menu_that_was_left_behind_leads_home_in_a_new_message(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        old, data = walk.message, walk.data("Status")
        await walk.says("/menu")
        await until(lambda: old.deleted)
        assert OUTDATED in await walk.forges(data, old)

        assert "Home" in walk.text
        assert walk.message is not old


async def test_in_a_group_a_menu_listens_to_the_person_who_opened_it_only(desk: Desk) -> None:
    async with desk.chat():
        ana, rui = Walk(desk, desk.ana, desk.group), Walk(desk, desk.rui, desk.group)
        await ana.says("/menu")
        before = ana.text
        answer = await rui.forges(ana.data("Status"))

        assert "somebody else's" in answer
        assert rui.answer is not None
        assert rui.answer.show_alert
        assert ana.text == before
        await rui.says("/menu")
        menus = [one for one in desk.telegram.messages(GROUP) if is_menu(one)]
        assert len(menus) == 2


async def test_a_forged_button_in_a_group_opens_no_menu_there(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/help", chat=desk.group)
        card = await desk.telegram.wait_for(GROUP, "what I can do")
        walk = Walk(desk, desk.rui, desk.group)
        assert OUTDATED in await walk.forges(f"abc{SEPARATOR}status", card)

    assert not any(map(is_menu, desk.telegram.messages(GROUP)))


async def test_a_stranger_in_the_group_learns_nothing_from_a_menu(desk: Desk) -> None:
    eve = desk.telegram.person(6666, "Eve")
    desk.group.members[eve.id] = eve.user
    async with desk.chat():
        ana = Walk(desk, desk.ana, desk.group)
        await ana.says("/menu")
        before = ana.text
        for data in (ana.data("Status"), *FORGED):
            answer = await (await eve.taps(ana.message, data=data))
            assert "somebody else's" in answer.text
        await settled(desk)

    assert ana.text == before
    assert sum(map(is_menu, desk.telegram.messages(GROUP))) == 1


async def test_the_menu_of_somebody_who_was_removed_is_dead(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.rui)
        await walk.says("/menu")
        before = walk.text
        await desk.set_person(RUI, active=False)
        assert "somebody else's" in await walk.forges(walk.data("Status"))

    assert walk.text == before


@pytest.mark.parametrize("process", ["this", "another"])
async def test_a_right_that_is_withdrawn_while_a_menu_is_open_is_gone_at_the_next_tap(desk: Desk, process: str) -> None:
    database = desk.database if process == "this" else Database(str(desk.database.url))
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/jobs")
        await walk.taps("Daily sync")
        async with database.writing() as session:
            await session.execute(update(Person).where(Person.telegram_id == ANA).values(role="viewer"))
        assert "You may not do this" in await walk.taps("Pause the job")
        assert not any("Pause the job" in label for label in walk.labels)
    assert [job.enabled for job in await desk.rows(Job)] == [True]
    if database is not desk.database:
        await database.close()


async def test_a_menu_of_another_organisation_leads_home_in_the_present_one(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.rui)
        await walk.says("/menu")
        await move(desk)
        assert OUTDATED in await walk.forges(walk.data("Status"))
        assert "Home" in walk.text
        assert "How things stand" in await walk.taps("Status")
        await walk.says("/menu")


@pytest.mark.parametrize(("words", "seen"), [("/status", "How things stand"), ("hello", "I understand commands")])
async def test_words_are_heard_whatever_menu_of_another_organisation_is_open(desk: Desk, words: str, seen: str) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.rui)
        await walk.says("/menu")
        await move(desk)
        await walk.says(words)
        await desk.telegram.wait_for(RUI, seen)
        await settled(desk)
        await until_sent(desk)
        assert sum(seen in text for text in desk.texts(RUI)) == 1


async def move(desk: Desk) -> None:
    """Take Rui to another organisation."""
    async with desk.database.writing() as session:
        other = Organisation(name="Outra Rede", timezone="America/Sao_Paulo", locale="en")
        session.add(other)
        await session.flush()
        now = desk.clock.now()
        session.add(Person(organisation_id=other.id, telegram_id=RUI, name="Rui", role="viewer", created_at=now))
    await desk.set_person(RUI, active=False)


async def test_every_tap_is_answered_at_once_even_when_the_chat_is_slow(desk: Desk) -> None:
    async with desk.chat():
        walk = Walk(desk, desk.ana)
        await walk.says("/menu")
        async with desk.database.writing():
            answer = await (await desk.ana.taps(walk.message, "Status"))
            assert answer.after < 1.2
        await settled(desk)

    assert "How things stand" in walk.text
