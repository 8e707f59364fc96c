"""/debug: a detailed log for a while, which turns itself off (CH-16)."""

from datetime import timedelta

import pytest

from core.history.model import AuditEntry
from core.organisations.model import Organisation
from tests.handlers.kit import ANA, RUI, Desk, until


async def asked(desk: Desk, text: str, answer: str) -> str:
    async with desk.chat():
        await desk.ana.says(text)
        return (await desk.telegram.wait_for(ANA, answer)).text


async def test_it_is_switched_on_by_a_tap_says_until_when_and_is_audited(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/debug")
        offer = await desk.telegram.wait_for(ANA, "Detailed log")
        await until(lambda: offer.buttons)
        answer = await (await desk.ana.taps(offer, "1 hr"))

    assert "⚪ Off." in offer.text
    assert offer.text.endswith("Turn it on for:")
    assert "is on until 11/23/26, 6:10" in answer.text
    (entry,) = await desk.rows(AuditEntry)
    assert (entry.action, entry.actor, entry.after) == ("debug", "Ana", {"until": "2026-11-23T09:10:00+00:00"})


async def test_it_survives_a_restart_and_turns_itself_off(desk: Desk) -> None:
    await asked(desk, "/debug 30", "is on until")
    assert "🐞 On until" in await asked(desk, "/debug", "Detailed log")
    desk.clock.move(timedelta(minutes=30))
    async with desk.chat():
        await desk.ana.says("/debug")
        await desk.telegram.wait_for(ANA, "⚪ Off.")


async def test_it_is_switched_off_before_its_time(desk: Desk) -> None:
    await asked(desk, "/debug 1440", "is on until")
    await asked(desk, "/debug off", "is off")
    (home,) = await desk.rows(Organisation)
    assert home.debug_until is None


@pytest.mark.parametrize(
    ("wish", "answer"),
    [("5", "15 minutes to 24 hours"), ("1441", "15 minutes to 24 hours"), ("99999999999999", "15 minutes"),
     ("on", "How many minutes?"), ("-60", "How many minutes?")],
)  # fmt: skip
async def test_what_is_no_time_for_it_is_refused_with_the_way(desk: Desk, wish: str, answer: str) -> None:
    await asked(desk, f"/debug {wish}", answer)
    assert await desk.rows(AuditEntry) == []


@pytest.mark.parametrize("command", ["/debug 60", "/debug soon"])
async def test_a_manager_may_not(desk: Desk, command: str) -> None:
    async with desk.chat():
        await desk.rui.says(command)
        await desk.telegram.wait_for(RUI, "You may not do this")
