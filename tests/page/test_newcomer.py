"""The five minutes of a newcomer, against the real process: sync, a held store, a broken ERP, a kill."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from bot.demo.screen import Screen
from bot.demo.stage import MANAGER_ID, OWNER_ID, STRANGER_ID, ZONE, Stage, set_up
from bot.demo.walk import Walk
from core.i18n import Translator
from tests.kit.town import until
from tests.page.room import Window, Windows

SLOW_MS = 200_000


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with set_up("en") as stage:
        await stage.start()
        await stage.owner.says("/start")
        await stage.telegram.wait_for(OWNER_ID, lambda _: True, timeout=SLOW_MS / 1000)
        stage.foreign_lines()
        yield stage


@pytest.fixture
def address(stage: Stage) -> str:
    assert stage.page is not None
    return f"{stage.page.url}#/"


async def switch(window: Window, name: str, button: str) -> None:
    await window.page.locator(f"#trouble-{name}").get_by_role("button", name=button, exact=True).click()


def cards(window: Window) -> Locator:
    """The cards' own words: what a card quotes of the one before says "Success" too."""
    return window.page.locator("#messages > li .text", has_text="Daily sync")


async def card(window: Window, text: str) -> None:
    """Wait for the newest card to say something."""
    await expect(cards(window).last).to_contain_text(text, timeout=SLOW_MS)


def noted(stage: Stage) -> bool:
    """Tell whether Chimera noted of every card that it arrived."""
    with contextlib.closing(sqlite3.connect(f"file:{stage.folder / 'data' / 'chimera.db'}?mode=ro", uri=True)) as data:
        return bool(data.execute("SELECT count(*) FROM cards WHERE message_id IS NULL").fetchone() == (0,))


async def test_a_newcomer_runs_releases_breaks_and_recovers(stage: Stage, address: str, windows: Windows) -> None:
    async with windows(f"{address}{OWNER_ID}") as window:
        window.page.set_default_timeout(SLOW_MS)
        await window.says("/sync")
        await card(window, "1 held")
        await window.presses("Release")
        await card(window, "Success")
        assert not any(line.foreign for line in stage.platform.lines(stage.cnpjs[2]))

        await window.presses("⚡ Break something")
        await switch(window, "erp_down", "Break")
        await window.says("/sync 001 002")
        await card(window, "2 failed")
        await switch(window, "erp_down", "As before")
        await window.presses("Retry failed")
        await card(window, "Success")
        assert stage.telegram.violations == []


@pytest.mark.slow
async def test_a_killed_process_goes_on_in_the_same_message(stage: Stage, address: str, windows: Windows) -> None:
    assert stage.page is not None
    async with windows(f"{address}{OWNER_ID}") as window:
        window.page.set_default_timeout(SLOW_MS)
        await stage.page.troubles.switch("erp_slow", on=True)
        before = await cards(window).count()
        await window.says("/sync 001")
        await card(window, "of 1 store")
        # Killed before it noted that its message arrived, a process sends it again: rather twice than never.
        await until(lambda: noted(stage))
        await window.presses("🕔 Clock")
        await window.presses("kill -9")
        await window.sees("was killed and started again", "#toasts")
        await stage.page.troubles.switch("erp_slow", on=False)
        await card(window, "Success")
        assert await cards(window).count() == before + 1


async def test_everybody_is_answered_by_their_rights_and_in_their_language(
    stage: Stage, address: str, windows: Windows
) -> None:
    async with windows(f"{address}{MANAGER_ID}") as bruno, windows(f"{address}{STRANGER_ID}") as carla:
        bruno.page.set_default_timeout(SLOW_MS)
        carla.page.set_default_timeout(SLOW_MS)
        await carla.page.select_option("#language", "es")
        await carla.says("/start")
        await carla.sees("¡Hola!")
        await bruno.says("/sync 002")
        refused = await stage.telegram.wait_for(MANAGER_ID, lambda _: True, timeout=SLOW_MS / 1000)
        assert "002 Norte" not in refused.text
        await bruno.sees("no active store")


async def test_the_stage_stays_for_a_visitor_who_broke_something_before_the_first_sync_was_done(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    await stage.erp.go_down()
    await asyncio.wait_for(Walk(stage, Screen(stage.telegram, OWNER_ID), Translator("en", ZONE)).begin(), 30)
    await stage.erp.come_up()
    assert "One store is held" not in capsys.readouterr().out
