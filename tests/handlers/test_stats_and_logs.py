"""/stats sums up the last days; /logs shows what runs wrote, safely, to admins only."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.executions.model import Execution, LogLine, Step
from core.executions.states import Outcome
from core.texts import T, Text
from sandbox.telegram import Message
from tests.handlers.kit import ANA, RUI, VERA, Desk, until

MINUTES = timedelta(minutes=1)


async def run(
    desk: Desk, days_ago: int, *outcomes: Outcome, took: int = 10, dry_run: bool = False, **counts: int
) -> int:
    """Write a run of the past: what each store came to, and the counts that every one of them has."""
    number = await desk.start_run()
    async with desk.database.writing() as session:
        execution = await session.get_one(Execution, number)
        execution.started_at = desk.clock.now() - timedelta(days=days_ago)
        execution.finished_at = execution.started_at + took * MINUTES
        execution.dry_run = dry_run
        execution.state = "success" if all(one.good for one in outcomes) else "partial"
        for store_id, outcome in zip(desk.store_ids, outcomes, strict=False):
            step = await session.get_one(Step, (number, store_id))
            step.outcome, step.counts = outcome, dict(counts)
    return number


async def stats(desk: Desk, text: str = "/stats", chat: int = VERA) -> Message:
    async with desk.chat():
        await (desk.vera if chat == VERA else desk.rui).says(text)
        shown: Message = await desk.telegram.wait_for(chat, "The last")
    return shown


async def test_stats_come_as_a_picture_with_three_lines(desk: Desk) -> None:
    await run(desk, 0, Outcome.VERIFIED, Outcome.ALREADY_LIVE, Outcome.FAILED, took=20, lines=1000, read=20900)
    await run(desk, 1, Outcome.VERIFIED, Outcome.VERIFIED, Outcome.NOTHING_TO_SEND, took=10, lines=500, read=20900)
    await run(desk, 2, Outcome.VERIFIED, Outcome.VERIFIED, Outcome.VERIFIED, dry_run=True, lines=9999)
    await run(desk, 8, Outcome.FAILED, Outcome.FAILED, Outcome.FAILED, took=900)

    shown = await stats(desk)

    assert shown.text.splitlines() == [
        "The last 7 days",
        "✅ 83% of the stores ended well; 1 of 2 runs without any problem",
        "⏱ A run took 15 min on average, 20 min at most",
        "📦 3,500 discounts proven live, 125,400 products read",
    ]
    assert shown.file is not None
    assert 5_000 < len(shown.file.data) < 60_000


async def test_thirty_days_are_a_tap_away(desk: Desk) -> None:
    await run(desk, 0, Outcome.VERIFIED, Outcome.VERIFIED, Outcome.VERIFIED)
    await run(desk, 20, Outcome.FAILED, Outcome.FAILED, Outcome.FAILED)
    async with desk.chat():
        await desk.vera.says("/stats")
        week = await desk.telegram.wait_for(VERA, "The last 7 days")
        await until(lambda: week.buttons)
        shown = week.text
        await (await desk.vera.taps(week, "30 days"))
        month = await desk.telegram.wait_for(VERA, "The last 30 days")

    assert "1 of 1 run " in shown
    assert "50% of the stores ended well; 1 of 2 runs" in month.text
    assert month is week, "a picture takes the place of a picture"


async def test_a_person_of_one_store_sees_the_figures_of_that_store(desk: Desk) -> None:
    await run(desk, 0, Outcome.VERIFIED, Outcome.FAILED, Outcome.FAILED, lines=10)
    await desk.set_person(RUI, store_ids=[desk.store_ids[0]])

    shown = await stats(desk, chat=RUI)

    assert "✅ 100% of the stores" in shown.text
    assert "10 discounts" in shown.text


async def test_nothing_that_ran_is_said_without_a_picture(desk: Desk) -> None:
    shown = await stats(desk, "/stats 30")

    assert shown.file is None
    assert "No sync ran" in shown.text


@pytest.fixture
async def logged(desk: Desk) -> Desk:
    number = await desk.start_run()
    lines: list[tuple[datetime, str, Text, int | None]] = [
        (desk.clock.now() - timedelta(days=1), "info", T("Yesterday"), None),
        (desk.clock.now(), "info", T("Read {n} products", n=20900), desk.store_ids[0]),
        (desk.clock.now(), "error", T("It said: {words}", words="a\nb\u202ec\x1b[31m"), desk.store_ids[1]),
    ]
    async with desk.database.writing() as session:
        session.add_all(
            LogLine(execution_id=number, at=at, level=level, text=text.to_json(), store_id=store)
            for at, level, text, store in lines
        )
    return desk


async def asked(desk: Desk, text: str, answer: str) -> Any:
    async with desk.chat():
        await desk.ana.says(text)
        return await desk.telegram.wait_for(ANA, answer)


async def test_the_last_lines_of_today_come_with_their_controls_escaped(logged: Desk) -> None:
    shown = await asked(logged, "/logs", "today's log")

    assert shown.text.splitlines() == [
        "🧾 The last 2 lines of today's log",
        "· 5:10\u202fAM 001 Centro: Read 20,900 products",
        "❌ 5:10\u202fAM 002 Norte: It said: a\\nb\\u202ec\\x1b[31m",
        "The whole day as a file: /logs 11/23/26",
    ]


async def test_only_so_many_lines_as_asked_for(logged: Desk) -> None:
    shown = await asked(logged, "/logs 1", "today's log")

    assert "001 Centro" not in shown.text
    assert "❌" in shown.text


@pytest.mark.parametrize("day", ["2026-11-22", "11/22/2026", "11/22", "22/11"])
async def test_a_day_comes_as_a_file_as_people_write_days(logged: Desk, day: str) -> None:
    shown = await asked(logged, f"/logs {day}", "Log of")

    assert shown.file.name == "log-2026-11-22.txt"
    assert shown.file.data.decode("utf-8-sig") == "2026-11-22 05:10:00  INFO     Yesterday\r\n"


@pytest.mark.parametrize("day", ["2026-13-01", "yesterday", "-5", "'"])
async def test_what_is_no_day_is_refused_with_examples(logged: Desk, day: str) -> None:
    await asked(logged, f"/logs {day}", "Try /logs 50 or /logs 11/23/26.")


async def test_an_empty_day_is_said(logged: Desk) -> None:
    await asked(logged, "/logs 1999-01-01", "No run wrote anything")


@pytest.mark.parametrize("command", ["/logs", "/logs x"])
async def test_nobody_but_admins_reads_logs_and_never_those_of_others(logged: Desk, command: str) -> None:
    async with logged.chat():
        await logged.rui.says(command)
        await logged.telegram.wait_for(RUI, "You may not do this")
