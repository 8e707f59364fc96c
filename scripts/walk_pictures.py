"""Takes the pictures of docs/walk.md while the walk is played, as a phone shows them."""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from core.db.database import async_url
from core.db.migrate import upgrade
from sandbox.page import PageServer
from sandbox.telegram import Person
from scripts.pictures import keep
from tests.kit.building import build_town
from tests.kit.inside import Inside
from tests.kit.story import BRUNO, Story
from tests.kit.town import OWNER

PHONE = {"width": 390, "height": 700}
SETTLE_MS = 250


async def main() -> None:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        sys.exit("Chromium is missing. On Debian and Ubuntu: apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="chimera-walk-") as folder:
        migrated = Path(folder) / "empty.db"
        await asyncio.to_thread(upgrade, async_url(f"sqlite:///{migrated}"))
        async with build_town(Path(folder)) as town, Inside(town, migrated) as inside, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=path)
            async with PageServer(
                town.telegram, town.erp, town.platform, roles={OWNER: "owner", BRUNO: "manager"}
            ) as page:
                await Story(inside, Phone(browser, page.url).shoot).play()
            await browser.close()


class Phone:
    """One window for each person, opened when the first picture of theirs is taken."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser, self._address = browser, address
        self._windows: dict[int, Page] = {}

    async def shoot(self, name: str, person: Person) -> None:
        window = self._windows.get(person.id) or await self._open(person.id)
        await window.wait_for_timeout(SETTLE_MS)
        keep(f"walk-{name}", await window.screenshot())

    async def _open(self, person_id: int) -> Page:
        context = await self._browser.new_context(
            viewport={"width": PHONE["width"], "height": PHONE["height"]}, device_scale_factor=1.5, locale="en-GB"
        )
        window = self._windows[person_id] = await context.new_page()
        await window.goto(f"{self._address}#/{person_id}")
        await window.wait_for_selector("body[data-ready]")
        return window


if __name__ == "__main__":
    asyncio.run(main())
