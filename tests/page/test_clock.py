"""The panel that turns the clock: what it shows of the process, and what it orders."""

from datetime import datetime
from typing import Any

from playwright.async_api import expect

from tests.page.room import Room, Windows


class Process:
    """Stands for the real process; remembers what it was told."""

    def __init__(self) -> None:
        self.running, self.starting = True, False
        self.told: list[tuple[datetime | None, bool]] = []

    def state(self) -> dict[str, Any]:
        return {
            "running": self.running,
            "starting": self.starting,
            "now": "2026-11-23T05:10:00-03:00",
            "zone": "America/Sao_Paulo",
        }

    async def restart(self, moment: datetime | None = None, *, kill: bool = False) -> None:
        self.told.append((moment, kill))


async def test_the_time_of_the_process_is_shown_at_its_place(room: Room, windows: Windows) -> None:
    room.page.process = Process()
    window = await room.window(windows)
    await window.presses("🕔 Clock")
    await window.page.locator(".face", has_text="Mon, Nov 23, 5:10").wait_for()
    await window.sees("Chimera is running", "#panel")


async def test_it_restarts_at_the_hour_chosen_the_next_time_it_comes(room: Room, windows: Windows) -> None:
    process = room.page.process = Process()
    window = await room.window(windows)
    await window.presses("🕔 Clock")
    await window.presses("05:05")
    await window.presses("Restart")
    await window.sees("was restarted", "#toasts")
    await window.presses("23:50")
    await window.presses("Restart")
    await expect(window.page.locator(".toast")).to_have_count(2)
    hours = [(moment and moment.isoformat(), kill) for moment, kill in process.told]
    assert hours == [("2026-11-24T05:05:00", False), ("2026-11-23T23:50:00", False)]


async def test_it_is_killed_without_a_word(room: Room, windows: Windows) -> None:
    process = room.page.process = Process()
    window = await room.window(windows)
    await window.presses("🕔 Clock")
    await window.presses("kill -9")
    await window.sees("was killed and started again", "#toasts")
    assert process.told == [(None, True)]


async def test_a_process_that_is_down_is_shown_as_such(room: Room, windows: Windows) -> None:
    process = room.page.process = Process()
    process.running = False
    window = await room.window(windows)
    await window.presses("🕔 Clock")
    await window.sees("starting or stopped", "#panel")


async def test_the_chat_says_that_the_process_is_starting_until_it_answers(room: Room, windows: Windows) -> None:
    process = room.page.process = Process()
    process.starting = True
    window = await room.window(windows)
    await window.sees("is starting: what you write is answered in a moment", "#talk")
    process.starting = False
    await expect(window.page.locator(".starting")).to_be_hidden()


async def test_without_a_process_nothing_is_offered(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    await window.presses("🕔 Clock")
    await window.sees("no process", "#panel")
