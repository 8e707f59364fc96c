"""The panel that breaks things: what each switch does, that its state shows, and the way back."""

import aiohttp
import pytest
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter

from tests.page.room import ANA, STORES, Room, Window, Windows

FIRST = STORES[0]


async def switch(window: Window, name: str, button: str) -> None:
    await window.page.locator(f"#trouble-{name}").get_by_role("button", name=button, exact=True).click()
    back = "Break" if button == "As before" else "As before"
    await window.page.locator(f"#trouble-{name}").get_by_role("button", name=back, exact=True).wait_for()


def discounts(room: Room) -> dict[str, float]:
    products = room.erp.catalogue(FIRST)
    return {str(p["Codigo"]): p["PrecoVenda2"] for p in products if 0 < p["PrecoVenda2"] < p["Preco"]}


async def test_the_erp_goes_down_and_comes_back(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    await window.presses("⚡ Break something")
    await switch(window, "erp_down", "Break")
    await window.page.locator("#trouble-erp_down", has_text="broken").wait_for()
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientConnectorError):
            await http.get(f"{room.erp.url}/v1.1/unidades")
        await switch(window, "erp_down", "As before")
        async with http.get(f"{room.erp.url}/v1.1/unidades") as answer:
            assert answer.status == 401


async def test_broken_catalogues_are_laid_over_each_other_and_taken_off_again(room: Room, windows: Windows) -> None:
    before = discounts(room)
    window = await room.window(windows)
    await window.presses("⚡ Break something")
    await switch(window, "prices_hundredfold", "Break")
    assert {code: price / 100 for code, price in discounts(room).items()} == before
    await switch(window, "list_halved", "Break")
    assert len(discounts(room)) == len(before) // 2 - 1
    await switch(window, "prices_hundredfold", "As before")
    assert discounts(room).items() <= before.items()
    await switch(window, "list_halved", "As before")
    await switch(window, "deep_discount", "Break")
    changed = [code for code, price in discounts(room).items() if price != before[code]]
    assert len(changed) == 1
    await switch(window, "deep_discount", "As before")
    assert discounts(room) == before


async def test_faults_of_erp_and_platform_are_armed_until_mended(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    await window.presses("⚡ Break something")
    for name in ("erp_empty", "platform_loses", "platform_late", "platform_silent"):
        await switch(window, name, "Break")
    assert {fault.kind for fault in room.erp.faults} == {"empty_page"}
    assert {fault.kind for fault in room.platform.faults} == {"lose_lines", "delay", "store_then_time_out"}
    for name in ("erp_empty", "platform_loses", "platform_late", "platform_silent"):
        await switch(window, name, "As before")
    assert not room.erp.faults
    assert not room.platform.faults


async def test_new_prices_come_with_what_concerns_sending(room: Room) -> None:
    before = discounts(room)
    for news in (1, 2):
        await room.page.troubles.switch("platform_loses", on=True)
        changed = {code: price for code, price in discounts(room).items() if price != before[code]}
        assert len(changed) == 3
        assert all(before[code] * 0.95 < price < before[code] for code, price in changed.items()), news
        await room.page.troubles.switch("platform_loses", on=False)
        assert discounts(room).items() >= changed.items()


async def test_a_changed_password_is_asked_for_until_told(room: Room, windows: Windows) -> None:
    async def log_in(password: str) -> int:
        login = {"usuario": "100001", "senha": password}
        async with aiohttp.ClientSession() as http, http.post(f"{room.erp.url}/v1.1/auth", json=login) as answer:
            return answer.status

    window = await room.window(windows)
    await window.presses("⚡ Break something")
    await switch(window, "erp_login", "Break")
    assert [await log_in("invented"), await log_in("novo-2026")] == [500, 200]
    await switch(window, "erp_login", "As before")
    assert [await log_in("invented"), await log_in("novo-2026")] == [200, 200]


async def test_foreign_lines_come_and_go(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    await window.presses("⚡ Break something")
    await switch(window, "platform_foreign", "Break")
    await window.sees("LOJA 0013 lines", ".facts")
    assert all(line.foreign for line in room.platform.lines(FIRST))
    await switch(window, "platform_foreign", "As before")
    assert room.platform.lines(FIRST) == []


async def test_a_flood_is_shown_counts_down_and_mends_by_itself(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    await window.presses("⚡ Break something")
    await room.page.troubles.switch("telegram_flood", on=True, seconds=1)
    await window.page.locator("#trouble-telegram_flood", has_text="s left").wait_for()
    with pytest.raises(TelegramRetryAfter):
        await room.bot.send_message(ANA, "hello")
    await window.page.locator("#trouble-telegram_flood:not(.on)").wait_for()
    assert room.telegram.faults.pending == []


async def test_telegram_goes_down_while_the_page_goes_on(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    other = await room.window(windows)
    await window.presses("⚡ Break something")
    await switch(window, "telegram_down", "Break")
    with pytest.raises(TelegramNetworkError):
        await room.bot.get_me()
    await window.says("anybody there?")
    await other.sees("anybody there?")
    await switch(window, "telegram_down", "As before")
    assert (await room.bot.get_updates())[-1].message is not None


async def test_a_new_window_shows_what_another_one_broke(room: Room, windows: Windows) -> None:
    await room.page.troubles.switch("erp_slow", on=True)
    window = await room.window(windows)
    await window.presses("⚡ Break something")
    await window.page.locator("#trouble-erp_slow.on").wait_for()
    assert room.erp.options.delay_ms > 0
    await switch(window, "erp_slow", "As before")
    assert room.erp.options.delay_ms == 0
