"""Draws screens and mails as a phone shows them, in every language, onto sheets in build/screens; names what is cut.

The windows, commands, states and fields come from where the code and the tests list them, so new ones are
drawn without a change here.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import stamina
from aiogram.fsm.state import State as Window
from playwright.async_api import Browser, Error, Locator, Page, async_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from core.access import Actor
from core.channels.model import Channel
from core.clock import ManualClock
from core.configuration.wanted import Section
from core.db.database import Database, async_url
from core.db.migrate import upgrade
from core.entities.saving import SaveEntity
from core.entities.viewing import ListEntities
from core.executions.model import Execution
from core.executions.states import OPEN_STATES, Outcome, State
from core.i18n import LOCALES, SOURCE_LOCALE
from core.jobs.model import Job, JobType
from core.lookup.indexing import ProductIndex
from core.outbox.model import Card
from core.stores.model import Store
from core.texts import T
from handlers.commands.catalogue import COMMANDS
from handlers.entities.states import Entities
from handlers.forms.states import Form
from sandbox.crescevendas import PlatformServer
from sandbox.page import PageServer
from sandbox.rp import RpServer
from sandbox.telegram import Chat, Message, Person, TelegramServer
from scripts.letters import letters
from scripts.sheets import Shot, lay_out
from tests.conftest import BEFORE_OPENING
from tests.handlers.dialogs.crowd import crowd
from tests.handlers.dialogs.test_lists import FOLDS, OF_NAMES
from tests.handlers.dialogs.windows import WINDOWS
from tests.handlers.entities.test_five_taps import MADE, settings_of
from tests.handlers.kit import ANA, GROUP, TOKEN, VERA, Desk, until, until_sent
from tests.handlers.menu.morning import a_morning
from tests.handlers.menu_kit import Walk, opener, settled

FOLDER = Path(__file__).parent.parent / "build" / "screens"
# As wide as a small phone, and so high that no message is longer.
PHONE = {"width": 360, "height": 2000}
STRANGER = 6600
HOSTILE = "hostile"
CUT = """one => [...one.querySelectorAll('.key')]
    .filter(key => key.scrollWidth > key.clientWidth).map(key => key.innerText)"""
WIDE = "() => document.querySelector('#messages').scrollWidth > innerWidth"
FOR_ANY_SECTION = (
    Entities.all,
    Entities.kinds,
    Entities.one,
    Entities.more,
    Entities.delete,
    Entities.history,
    Entities.removed,
    Form.page,
)
ARGUMENTS = {"product": ("1203", "99999"), "why": ("77 001", "1203 002"), "sync": ("009",), "logs": ("5", "x")}
SCHEDULE = "0 6 * * mon-fri; 0 8 * * sat"
LONG = ("Supermercado da Avenida Presidente João 😀", "مخزن المدينة الكبير — Rua das Laranjeiras", "W" * 40)


class Camera:
    """One person's phone: takes the pictures of what the bot said since the last ones."""

    def __init__(self, desk: Desk, page: Page, person: Person, chat: Chat, shots: list[Shot]) -> None:
        self._desk, self._page = desk, page
        self._person, self._chat, self._shots = person, chat, shots
        self._seen = 0

    async def says(self, text: str, name: str = "") -> None:
        """Say something and picture whatever comes."""
        self.skip()
        await self._person.says(text, chat=self._chat)
        await settled(self._desk)
        await until_sent(self._desk)
        await self.shoot(name or text)

    def skip(self) -> None:
        self._seen = max([0, *(one.id for one in self._desk.telegram.messages(self._chat.id))])

    async def shoot(self, name: str) -> None:
        new = [one for one in self._desk.telegram.messages(self._chat.id) if one.id > self._seen]
        for message in new:
            if message.is_from_bot and not message.deleted:
                await self._picture(message, name)
        self.skip()

    async def follow(self, walk: Walk, name: str, *labels: str) -> None:
        """Tap, and picture what the menu became."""
        await walk.taps(*labels)
        await self._picture(walk.message, name)

    async def _picture(self, message: Message, name: str) -> None:
        found = self._page.locator(f"#m-{message.id}")
        await found.wait_for()
        self._shots.append((name, await _taken(found)))
        if cut := await found.evaluate(CUT):
            print(f"{name}: cut: {cut}")
        if await self._page.evaluate(WIDE):
            print(f"{name}: wider than the phone")


class Shoot:
    """All the screens of one language."""

    def __init__(self, desk: Desk, browser: Browser, address: str, locale: str) -> None:
        self.desk, self.locale = desk, locale
        self.shots: list[Shot] = []
        self._browser, self._address = browser, address
        self._windows = dict(WINDOWS)

    async def play(self) -> None:
        desk = self.desk
        given = {_name(state): await make(desk) for state, make in WINDOWS.items()}
        states = {_name(state): state for state in WINDOWS}
        await self._sections(states, given)
        await self._cards()
        self.shots += await letters(desk, await self._browser.new_page())
        async with opener(desk, states, given):
            await until_sent(desk)
            await until(self._cards_drawn)
            ana = await self._phone(desk.ana, desk.ana.chat)
            group = await self._phone(desk.ana, desk.group)
            await ana.shoot("card")
            await group.shoot("card in a group")
            for name in states:
                await ana.says(f"/open {name}", name)
            await self._commands(ana, "owner")
            await self._commands(await self._phone(desk.vera, desk.vera.chat), "viewer")
            await self._commands(group, "group")
            eve = self.desk.telegram.person(STRANGER, "Eve", language=self.locale.replace("_", "-"))
            await (await self._phone(eve, eve.chat)).says("/start", "a stranger")
            await self._long_lists(ana, states, given)

    async def _sections(self, states: dict[str, Window], given: dict[str, Mapping[str, Any]]) -> None:
        """Add the windows about anything for every kind of thing, and every field of every form."""
        system = Actor.system(self.desk.organisation_id, "cli")
        listed = await self.desk.container.get(ListEntities)
        ids = {}
        for section in Section:
            items = (await listed(system, section)).rows
            ids |= {(section, item.name): item.id for item in items}
            for state in FOR_ANY_SECTION:
                name = f"{_name(state)}/{section}"
                states[name], given[name] = state, {"section": section.value, "entity_id": items[0].id}
        for section, entity, parts in await settings_of(self.desk):
            about = {"section": section.value, "entity_id": ids[section, entity]}
            for part in parts:
                name = f"{_name(Form.field)}/{section}/{'.'.join(part.path)}"
                states[name], given[name] = Form.field, {**about, "field": list(part.path)}

    async def _cards(self) -> None:
        """Write a run in every state and with every outcome, each with a card in both chats."""
        few = (Outcome.VERIFIED, Outcome.HELD, Outcome.FAILED)
        for state in State:
            await self._run(state, (Outcome.VERIFIED, None, None) if state in OPEN_STATES else few)
        outcomes = list(Outcome)
        for start in range(0, len(outcomes), len(few)):
            await self._run(State.PARTIAL, tuple(outcomes[start : start + len(few)]))
        fine = (Outcome.VERIFIED, Outcome.ALREADY_LIVE, Outcome.NOTHING_TO_SEND)
        different = (Outcome.EQUAL, Outcome.DIFFERENT, Outcome.EQUAL)
        await self._run(State.SUCCESS, fine, trigger="manual", requested_by="Ana")
        await self._run(State.SUCCESS, (Outcome.SKIPPED,) * 3, dry_run=True)
        await self._run(State.PARTIAL, different, type=JobType.COMPARE_DATA)
        await self._run(State.RUNNING, (None,) * 3, cancel_requested_by="Ana")

    async def _run(self, state: State, outcomes: tuple[Outcome | None, ...], **values: Any) -> None:
        desk = self.desk
        run = await desk.start_run(ANA, GROUP, outcomes=outcomes)
        for number, outcome in enumerate(outcomes):
            if outcome is not None:
                reason = None if outcome.good else T("The login was refused.")
                held = 2 if outcome is Outcome.HELD else 0
                await desk.set_store(run, number, outcome, reason, read=9000, lines=240, held_lines=held)
        if state not in OPEN_STATES:
            await desk.end_run(run, state)
        await desk.set_row(Execution, run, state=state, **values)

    async def _cards_drawn(self) -> bool:
        return all(card.message_id for card in await self.desk.rows(Card))

    async def _commands(self, camera: Camera, who: str) -> None:
        for command in COMMANDS:
            for argument in ("", *ARGUMENTS.get(command.name, ())):
                words = f"/{command.name} {argument}".strip()
                await camera.says(words, f"{who}: {words}")

    async def _long_lists(self, ana: Camera, states: dict[str, Window], given: dict[str, Mapping[str, Any]]) -> None:
        """Picture every list with many entries, and the verbs that stand behind one button there."""
        await crowd(self.desk)
        for section in Section:
            states[f"{section}"], given[f"{section}"] = Entities.all, {"section": section.value}
        walk = Walk(self.desk, self.desk.ana)
        for name in [*map(_name, OF_NAMES), *Section]:
            await ana.says(f"/open {name}", f"long: {name}")
            for fold in [one for one in walk.labels if one.startswith(FOLDS)]:
                await ana.follow(walk, f"long: {name}: {fold}", fold)

    async def _phone(self, person: Person, chat: Chat) -> Camera:
        context = await self._browser.new_context(viewport=PHONE, locale=self.locale.replace("_", "-"), bypass_csp=True)
        page = await context.new_page()
        await page.goto(f"{self._address}#/{person.id}/{chat.id}")
        await page.wait_for_selector("body[data-ready]")
        # The way down to the newest message floats above the others.
        await page.add_style_tag(content=".down { display: none }")
        return Camera(self.desk, page, person, chat, self.shots)


# What is drawn anew while its picture is taken is gone from the page for Playwright: the next try meets the new one.
@stamina.retry(on=Error, attempts=5, wait_initial=0.05)
async def _taken(message: Locator) -> bytes:
    return await message.screenshot(timeout=5000)


def _name(state: Window) -> str:
    return state.state or ""


@asynccontextmanager
async def furnished(folder: Path, migrated: Path, locale: str, *, hostile: bool) -> AsyncIterator[Desk]:
    """Furnish a chain in the middle of its day, all speaking one language; with `hostile` every name is a trap."""
    shutil.copy(migrated, folder / "chimera.db")
    database, clock = Database(f"sqlite:///{folder / 'chimera.db'}"), ManualClock(BEFORE_OPENING)
    async with TelegramServer(TOKEN) as telegram:
        desk = Desk(database, clock, telegram, locale)
        await desk.furnish()
        for person in (ANA, VERA):
            await desk.set_person(person, locale=locale)
        await desk.set_person(ANA, role="owner")
        save, system = await desk.container.get(SaveEntity), Actor.system(desk.organisation_id, "cli")
        for section, fields in MADE:
            await save(system, section, None, fields)
        await save(
            system,
            Section.JOBS,
            desk.job_id,
            {"settings": {"source": "ERP", "target": "Loyalty"}, "schedule": SCHEDULE},
        )
        if hostile:
            await _rename(desk)
        await a_morning(desk)
        await ProductIndex(database).refresh()
        clock.move(timedelta(hours=2))
        yield desk
        await desk.container.close()
        await database.close()


async def _rename(desk: Desk) -> None:
    for store_id, name in zip(desk.store_ids, LONG, strict=True):
        await desk.set_row(Store, store_id, name=name)
    await desk.set_row(Job, desk.job_id, name=f"{LONG[0]} every morning 🌅")
    await desk.set_row(Channel, desk.channel_id, name=LONG[1])
    await desk.set_person(VERA, name=LONG[2])


async def main() -> None:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        sys.exit("Chromium is missing. On Debian and Ubuntu: apt-get install chromium")
    wanted = sys.argv[1:] or [*LOCALES, HOSTILE]
    with tempfile.TemporaryDirectory(prefix="chimera-screens-") as folder:
        migrated = Path(folder) / "empty.db"
        await asyncio.to_thread(upgrade, async_url(f"sqlite:///{migrated}"))
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=path)
            for name in wanted:
                print(f"{name}: {await _draw(Path(folder), migrated, browser, name)} sheets")
            await browser.close()


async def _draw(folder: Path, migrated: Path, browser: Browser, name: str) -> int:
    hostile = name == HOSTILE
    locale = SOURCE_LOCALE if hostile else name
    async with (
        furnished(folder, migrated, locale, hostile=hostile) as desk,
        PageServer(desk.telegram, RpServer(), PlatformServer([])) as page,
    ):
        shoot = Shoot(desk, browser, page.url, locale)
        await shoot.play()
    return lay_out(shoot.shots, FOLDER / name)


if __name__ == "__main__":
    asyncio.run(main())
