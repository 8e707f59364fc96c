"""Taps and typed words that a kill cuts off after their effect, before they count as handled.

Telegram brings such an update again. Nothing may be done twice by it or be half done, and the person
finds the effect.
"""

import contextlib
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, time
from decimal import Decimal
from functools import partial

import pytest

from core.cnpj import check_digits
from sandbox.crescevendas import PlatformLine
from sandbox.faults import Fault
from sandbox.telegram import Message
from tests.kit.authenticator import code_of, key_in
from tests.kit.town import CNPJS, Running, Town, until

PIN = "482913"
NEW_CNPJ = "112223330004" + check_digits("112223330004")
_RUNS, _VERSIONS = "SELECT count(*) FROM executions", "SELECT count(*) FROM versions"
# The note that an update was handled takes as long as a kill needs to come, whatever the machine's speed.
_SLOW_NOTE = (
    "CREATE TRIGGER slow_note BEFORE INSERT ON handled_updates BEGIN SELECT count(*) FROM sqlite_master a, "
    "sqlite_master b, sqlite_master c, sqlite_master d WHERE a.name || b.name || c.name || d.name = ''; END"
)


class Hand:
    """The owner's hand at a running process, which is killed in mid-update."""

    def __init__(self, town: Town, bot: Running) -> None:
        self.town, self.bot = town, bot

    async def says(self, text: str) -> None:
        await self.town.owner.says(text)
        await self.handled()

    async def sends(self, name: str, content: str) -> None:
        await self.town.owner.sends_file(name, content.encode())
        await self.handled()

    async def taps(self, *labels: str) -> None:
        for label in labels:
            before = self._shown
            await self.tap(label)
            # An edit may have to wait for the chat's pace.
            await until(partial(self._differs, before), 15, f"{label} changed nothing: {self.last}")
            await self.handled()

    def _differs(self, before: list[tuple[int, int]]) -> bool:
        return self._shown != before

    @property
    def _shown(self) -> list[tuple[int, int]]:
        return [(one.id, one.edits) for one in self.town.telegram.messages(self.town.owner.id) if one.is_from_bot]

    async def tap(self, label: str) -> None:
        """Tap the newest button whose words contain the label, once it is there."""
        message, text = await until(lambda: self._button(label), 15, f"no button {label}: {self.last}")
        await self.town.owner.taps(message, text)

    def _button(self, label: str) -> tuple[Message, str] | None:
        for message in reversed(self.town.telegram.messages(self.town.owner.id)):
            for row in message.buttons if message.is_from_bot and not message.deleted else []:
                for button in row:
                    if label in button.text:
                        return message, button.text
        return None

    @property
    def last(self) -> str:
        return self.town.telegram.messages(self.town.owner.id)[-1].text

    async def sees(self, text: str) -> None:
        await self.town.telegram.wait_for(self.town.owner.id, text)

    async def handled(self) -> None:
        await until(self.town.caught_up, 15, f"not handled: {self.last}")

    async def cut_off(
        self, begin: Callable[[], Awaitable[object]], counted: str, more: int = 1, told: str | None = None
    ) -> None:
        """Do something, kill the process once its effect is written, start anew and let the update come again."""
        wanted = [(self.town.rows(counted)[0][0] + more,)]
        with self._slow_notes():
            await begin()
            await until(lambda: self.town.rows(counted) == wanted, 15, f"no effect: {self.last}")
            await self.bot.kill()
        assert not self.town.caught_up()
        self.bot = await self.town.start()
        await self.handled()
        await self.sees("restarted just as that took effect" if told is None else told)
        assert self.town.rows(counted) == wanted
        # No tap was answered by both processes.
        assert self.town.telegram.violations == []

    @contextlib.contextmanager
    def _slow_notes(self) -> Iterator[None]:
        self._execute(_SLOW_NOTE)
        yield
        self._execute("DROP TRIGGER slow_note")

    def _execute(self, statement: str) -> None:
        with contextlib.closing(sqlite3.connect(self.town.data / "chimera.db")) as connection:
            connection.execute(statement)
            connection.commit()


@pytest.fixture
async def hand(furnished: Town) -> Hand:
    return Hand(furnished, await furnished.start())


async def synced(hand: Hand) -> None:
    """Have every store live."""
    await hand.says("/sync")
    await hand.town.success(hand.town.owner.id)
    await until(lambda: hand.town.states() == ["success"])


async def set_limit(hand: Hand) -> None:
    await hand.says("/menu")
    await hand.taps("Stores", "Manage", "001 Centro", "Change", "Limit per customer")
    await hand.says("300")


def limits(town: Town) -> list[tuple[int | None]]:
    return town.rows("SELECT \"limit\" FROM stores WHERE name = '001 Centro' AND deleted_at IS NULL")


async def test_a_form_is_saved_once_and_says_so(hand: Hand) -> None:
    await set_limit(hand)
    await hand.cut_off(lambda: hand.tap("Save"), _VERSIONS)
    assert limits(hand.town) == [(300,)]


@pytest.mark.slow
async def test_a_new_store_is_saved_once(hand: Hand) -> None:
    await hand.says("/menu")
    await hand.taps("Stores", "Manage", "Add")
    await hand.says("004 Praia")
    await hand.says(NEW_CNPJ)
    await hand.cut_off(lambda: hand.tap("Save"), _VERSIONS)
    assert hand.town.rows(f"SELECT name FROM stores WHERE cnpj = '{NEW_CNPJ}'") == [("004 Praia",)]


@pytest.mark.slow
async def test_a_store_is_deleted_once(hand: Hand) -> None:
    await hand.says("/menu")
    await hand.taps("Stores", "Manage", "001 Centro", "More", "Delete")
    deleted = "SELECT count(*) FROM stores WHERE deleted_at IS NOT NULL"
    await hand.cut_off(lambda: hand.tap("Yes, delete"), deleted)
    assert hand.town.rows("SELECT entity FROM audit WHERE action = 'removed'") == [("store",)]


@pytest.mark.slow
async def test_a_change_is_taken_back_once(hand: Hand) -> None:
    await set_limit(hand)
    await hand.taps("Save")
    await hand.cut_off(lambda: hand.tap("Undo"), _VERSIONS)
    assert limits(hand.town) == [(None,)]


@pytest.mark.slow
async def test_a_version_is_gone_back_to_once(hand: Hand) -> None:
    await set_limit(hand)
    await hand.taps("Save", "Back", "Versions", "Version 1")
    await hand.cut_off(lambda: hand.tap("Go back to it"), _VERSIONS)
    assert limits(hand.town) == [(None,)]


@pytest.mark.slow
async def test_a_spreadsheet_is_applied_as_a_whole_and_once(hand: Hand) -> None:
    await hand.says("/menu")
    await hand.taps("Stores", "Manage")
    await hand.sends("lojas.csv", f"nome;cnpj;limite\n004 Praia;{NEW_CNPJ};\n001 Centro;{CNPJS[0]};300\n")
    await hand.cut_off(lambda: hand.tap("Apply"), _VERSIONS, more=2)
    assert limits(hand.town) == [(300,)]


@pytest.mark.slow
async def test_a_document_is_imported_once_with_the_pin(hand: Hand) -> None:
    await has_pin(hand)
    await hand.says("/import")
    await hand.sends("chimera.yaml", "version: 1\nstores:\n  - {name: 001 Centro, limit: 300}\n")
    await hand.taps("Apply")
    await hand.cut_off(lambda: hand.town.owner.says(PIN), _VERSIONS)
    assert limits(hand.town) == [(300,)]


@pytest.mark.slow
async def test_a_code_that_confirmed_an_import_confirms_no_other_one_after_a_kill(hand: Hand) -> None:
    key = await has_app(hand)
    await hand.says("/import")
    await hand.sends("chimera.yaml", "version: 1\nstores:\n  - {name: 001 Centro, limit: 300}\n")
    await hand.taps("Apply")
    code = code_of(key, hand.town.clock.now(), 1)
    await hand.cut_off(lambda: hand.town.owner.says(code), _VERSIONS)
    await hand.says("/import")
    await hand.sends("chimera.yaml", "version: 1\nstores:\n  - {name: 001 Centro, limit: 400}\n")
    await hand.taps("Apply")
    await hand.says(code)
    await hand.sees("used already")
    assert limits(hand.town) == [(300,)]


async def has_app(hand: Hand) -> str:
    """Set up an authenticator app with the code of now. Returns its key."""
    await hand.says("/pin")
    await hand.tap("Authenticator app")
    await hand.handled()
    key = key_in(next(one for one in hand.town.telegram.messages(hand.town.owner.id) if one.photo))
    await hand.says(code_of(key, hand.town.clock.now()))
    return key


async def has_pin(hand: Hand) -> None:
    await hand.says("/pin")
    await hand.taps("🔢 PIN")
    await hand.says(PIN)
    await hand.says(PIN)


@pytest.mark.slow
async def test_sending_is_paused_and_resumed_once(hand: Hand) -> None:
    paused = "SELECT count(*) FROM organisations WHERE paused_at IS NOT NULL"
    await hand.says("/menu")
    await hand.taps("Pause", "whole chain")
    await hand.cut_off(lambda: hand.tap("Yes, pause"), paused)
    await hand.taps("Pause", "whole chain")
    await hand.cut_off(lambda: hand.tap("Resume"), paused, more=-1)
    assert hand.town.rows("SELECT action FROM audit WHERE action IN ('paused', 'resumed')") == [
        ("paused",),
        ("resumed",),
    ]


@pytest.mark.slow
async def test_a_store_is_cleared_once_with_the_pin(hand: Hand) -> None:
    hand.town.platform.options.check_empty = False
    await has_pin(hand)
    await synced(hand)
    await hand.says("/stores")
    await hand.taps("001", "Clear store", "Yes")
    await hand.cut_off(lambda: hand.town.owner.says(PIN), _RUNS)
    await until(lambda: hand.town.states() == ["success"] * 2, 20, f"not done: {hand.last}")
    assert hand.town.live(CNPJS[0]) == {}
    assert hand.town.uploads(CNPJS[0]) == 2


@pytest.mark.slow
async def test_a_product_is_taken_off_once(hand: Hand) -> None:
    await synced(hand)
    code = min(hand.town.live(CNPJS[0]))
    await hand.says("/stores")
    await hand.taps("001", "Products")
    await hand.says(code)
    await hand.taps(hand.town.erp.catalogue(CNPJS[0])[0]["Descricao"], "Take off now")
    await hand.cut_off(lambda: hand.tap("Yes, take it off"), _RUNS)
    await until(lambda: hand.town.states() == ["success"] * 2, 20, f"not done: {hand.last}")
    assert code not in hand.town.live(CNPJS[0])
    assert hand.town.uploads(CNPJS[0]) == 2


@pytest.mark.slow
async def test_what_failed_is_retried_once(hand: Hand) -> None:
    hand.town.erp.faults.add(Fault("refuse", times=None, store=CNPJS[0]))
    await hand.says("/sync")
    await hand.sees("1 failed")
    hand.town.erp.faults.clear()
    await hand.cut_off(lambda: hand.tap("Retry failed"), _RUNS, told="Success")
    await until(lambda: hand.town.states() == ["partial", "success"])
    assert [hand.town.uploads(cnpj) for cnpj in CNPJS] == [1, 1, 1]


def foreign_lines(town: Town) -> None:
    """Let somebody else have a campaign in the first store, which a sync would remove."""
    today = town.platform.local_now().date()
    window = (datetime.combine(today, time(5)), datetime.combine(today, time(23, 59)))
    town.platform.add_foreign(CNPJS[0], [PlatformLine("90001", Decimal("9.90"), Decimal("7.90"))], window)


@pytest.mark.slow
async def test_what_was_held_is_released_once(hand: Hand) -> None:
    foreign_lines(hand.town)
    await hand.says("/sync")
    await hand.sees("1 held")
    await hand.cut_off(lambda: hand.tap("Release"), _RUNS, told="Success")
    await until(lambda: hand.town.states() == ["partial", "success"])
    assert [hand.town.uploads(cnpj) for cnpj in CNPJS] == [1, 1, 1]
    assert hand.town.all_live()
