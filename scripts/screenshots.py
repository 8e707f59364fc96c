"""Takes the pictures of the README from the page of the real demo, into docs/pictures."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from bot.demo.stage import OWNER_ID, Stage, set_up
from scripts.pictures import keep

PHONE, DESK = {"width": 390, "height": 780}, {"width": 1240, "height": 780}
PATIENCE_MS = 60_000
SETTLE_MS = 1200


async def main() -> None:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        sys.exit("Chromium is missing. On Debian and Ubuntu: apt-get install chromium")
    async with async_playwright() as playwright, set_up("en") as stage:
        browser = await playwright.chromium.launch(executable_path=path)
        await stage.start()
        await stage.owner.says("/start")
        await stage.telegram.wait_for(OWNER_ID, lambda _: True, timeout=PATIENCE_MS / 1000)
        stage.foreign_lines()
        async with _window(browser, stage, PHONE) as phone, _window(browser, stage, DESK) as desk:
            await _play(phone, desk)
        await browser.close()


async def _play(phone: Page, desk: Page) -> None:
    """Run a sync, release what is held, break the ERP; pictures on the way."""
    await _says(phone, "/sync")
    await _card(phone, "1 held")
    await _shoot(phone, "held")
    await phone.get_by_role("button", name="Release").last.click()
    await _card(phone, "Success")
    await _shoot(phone, "released")
    await desk.click("#open-break")
    await desk.locator("#trouble-erp_down button").click()
    await desk.locator("#trouble-erp_down.on").wait_for()
    await _says(desk, "/sync 001 002")
    await _card(desk, "2 failed")
    await _shoot(desk, "broken")


@asynccontextmanager
async def _window(browser: Browser, stage: Stage, size: dict[str, int]) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport={"width": size["width"], "height": size["height"]}, device_scale_factor=2, locale="en-GB"
    )
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(f"{stage.page.url if stage.page else ''}#/{OWNER_ID}")
    await page.wait_for_selector("body[data-ready]")
    yield page
    await context.close()


async def _says(page: Page, text: str) -> None:
    await page.fill("#write", text)
    await page.press("#write", "Enter")


async def _card(page: Page, text: str) -> None:
    """Wait for the newest card to say something, and until notes about it have gone."""
    newest = page.locator("#messages > li", has_text="Daily sync").last
    await newest.get_by_text(text).first.wait_for()
    await page.locator(".toast").first.wait_for(state="detached")


async def _shoot(page: Page, name: str) -> None:
    await page.wait_for_timeout(SETTLE_MS)
    keep(name, await page.screenshot())


if __name__ == "__main__":
    asyncio.run(main())
