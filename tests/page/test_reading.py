"""What the page shows: formatting that stays text, changes in place, several windows, topics, languages."""

from aiogram.types import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from playwright.async_api import expect

from tests.page.room import ANA, OPS, RUI, Room, Windows

FORMATTED = (
    "<b>bold</b> <i>italic</i> <u>under</u> <s>gone</s> <code>code</code> <tg-spoiler>secret</tg-spoiler>"
    ' <a href="https://example.org/x">link</a>\n<pre><code class="language-python">x = 1</code></pre>'
    "<blockquote>quoted</blockquote><blockquote expandable>one\ntwo\nthree\nfour</blockquote>"
)


async def test_every_kind_of_formatting_is_shown(room: Room, windows: Windows) -> None:
    await room.bot.send_message(ANA, FORMATTED, parse_mode="HTML")
    window = await room.window(windows)
    text = window.last.locator(".text")
    for tag, inside in (("strong", "bold"), ("em", "italic"), ("u", "under"), ("s", "gone"), ("pre code", "x = 1")):
        assert await text.locator(tag).inner_text() == inside
    assert await text.locator("a").get_attribute("href") == "https://example.org/x"
    assert await text.locator("blockquote").first.inner_text() == "quoted"
    await text.locator(".spoiler").click()
    await text.locator(".spoiler.shown").wait_for()
    await text.get_by_role("button", name="Show more").click()
    await text.get_by_role("button", name="Show less").wait_for()


async def test_markup_in_names_and_texts_stays_text(room: Room, windows: Windows) -> None:
    hostile = '<img src=x onerror="document.title=1"> <b>x & 😀'
    await room.bot.send_message(ANA, f"Store {hostile}", reply_markup=keyboard(hostile))
    room.telegram.group(-2001, hostile, members=[room.telegram.people[ANA]])
    window = await room.window(windows)
    assert await window.last.locator(".text").inner_text() == f"Store {hostile}"
    assert await window.last.locator(".key").inner_text() == hostile
    await window.sees(hostile, "#side")
    assert await window.page.locator("img").count() == 0


async def test_a_script_address_is_no_link(room: Room, windows: Windows) -> None:
    message = await room.telegram.people[ANA].says("x")
    message.entities = [{"type": "text_link", "offset": 0, "length": 1, "url": "javascript:alert(1)"}]
    window = await room.window(windows)
    href = await window.last.locator("a").get_attribute("href")
    assert href == "https://javascript:alert(1)"


async def test_what_was_begun_in_a_chat_stays_there(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    await window.page.fill("#write", "half a thou")
    await window.page.select_option("#me", str(RUI))
    await window.page.locator("#greeting").wait_for()
    assert await window.page.input_value("#write") == ""
    await window.page.select_option("#me", str(ANA))
    await window.sees("/start")
    assert await window.page.input_value("#write") == "half a thou"


async def test_what_one_is_about_to_choose_is_not_taken_away_by_news(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    for focused in ("#me", ".chat >> nth=1"):
        await window.page.locator(focused).focus()
        address = await window.page.locator(focused).get_attribute("href")
        await room.bot.send_message(ANA, f"news for {focused}")
        await window.sees(f"news for {focused}")
        now = window.page.locator(":focus")
        assert await now.get_attribute("href") == address


async def test_who_reads_further_up_stays_there_and_is_led_down_by_a_button_or_an_own_word(
    room: Room, windows: Windows
) -> None:
    for number in range(30):
        await room.bot.send_message(ANA, f"line {number}")
    window = await room.window(windows)
    down, newest = window.page.get_by_role("button", name="Down to the newest"), window.last

    async def speak() -> None:
        await window.says("an own word")

    for go_down in (down.click, speak):
        await window.page.evaluate("document.querySelector('#messages').scrollTop = 0")
        await down.wait_for()
        await room.bot.send_message(ANA, "news below")
        await window.sees("news below")
        assert await window.page.evaluate("document.querySelector('#messages').scrollTop") == 0
        await go_down()
        await down.wait_for(state="hidden")
        await newest.wait_for()


async def test_every_day_has_its_heading(room: Room, windows: Windows) -> None:
    for number, date in enumerate((1_800_000_000, 1_800_000_060, 1_800_100_000)):
        (await room.telegram.people[ANA].says(str(number))).date = date
    room.telegram.messages(ANA)[0].date = 1_799_900_000
    window = await room.window(windows)
    assert await window.page.locator(".day").count() == 3


async def test_edits_and_deletions_appear_in_place(room: Room, windows: Windows) -> None:
    sent = await room.bot.send_message(ANA, "0 of 5 stores")
    window = await room.window(windows)
    await room.bot.edit_message_text("5 of 5 stores", chat_id=ANA, message_id=sent.message_id)
    await window.sees("5 of 5 stores")
    await window.sees("edited")
    count = await window.page.locator("#messages > li").count()
    await room.bot.delete_message(ANA, sent.message_id)
    await expect(window.page.locator("#messages > li")).to_have_count(count - 1)


async def test_two_people_see_each_other_live(room: Room, windows: Windows) -> None:
    ana, rui = await room.window(windows, ANA, OPS), await room.window(windows, RUI)
    await ana.says("good morning")
    await rui.page.locator(".chat .unread", has_text="1").wait_for()
    await rui.page.get_by_role("link", name="Ops").click()
    await rui.sees("good morning")
    await rui.says("and to you")
    await ana.sees("and to you")
    assert await rui.page.locator(".chat .unread").count() == 0


async def test_two_windows_of_one_person_show_the_same_and_either_may_act(room: Room, windows: Windows) -> None:
    taps = 0

    async def count(update: Update) -> None:
        nonlocal taps
        if update.callback_query is not None:
            taps += 1
            await room.bot.edit_message_text(
                f"tapped {taps} times", chat_id=ANA, message_id=sent.message_id, reply_markup=once_more
            )
            await room.bot.answer_callback_query(update.callback_query.id)

    once_more = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Once more", callback_data="more")]])
    await room.answers(count)
    one, other = await room.window(windows), await room.window(windows, width=360)
    sent = await room.bot.send_message(ANA, "not tapped yet", reply_markup=once_more)
    await one.says("from this window")
    await other.sees("from this window")
    for tapped, number in ((one, 1), (other, 2), (one, 3)):
        await tapped.presses("Once more")
        for window in (one, other):
            await window.sees(f"tapped {number} times")
    await expect(other.page.locator("#messages > li")).to_have_count(await one.page.locator("#messages > li").count())


async def test_a_window_that_lost_its_server_catches_up_with_what_it_missed(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    sent = await room.bot.send_message(ANA, "2 of 5 stores")
    await window.sees("2 of 5 stores")
    await room.page.__aexit__()
    await window.page.locator(".offline:visible").wait_for()
    await room.bot.edit_message_text("5 of 5 stores", chat_id=ANA, message_id=sent.message_id)
    await room.bot.send_message(ANA, "missed meanwhile")
    await room.page.__aenter__()
    await window.sees("missed meanwhile")
    await window.sees("5 of 5 stores")
    await expect(window.page.locator(".offline")).to_be_hidden()
    await window.says("back again")
    await window.sees("back again")
    # The browser complains of each try to connect.
    assert all("WebSocket" in error for error in window.errors)
    window.errors.clear()


async def test_a_reply_leads_to_what_it_answers(room: Room, windows: Windows) -> None:
    first = await room.bot.send_message(ANA, "the first run")
    for number in range(30):
        await room.bot.send_message(ANA, f"line {number}")
    await room.bot.send_message(ANA, "the next run", reply_to_message_id=first.message_id)
    window = await room.window(windows)
    await window.presses("Chimera the first run")
    await window.page.locator(f"#m-{first.message_id}.found").wait_for()


async def test_somebody_typing_and_a_pinned_message_are_shown(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    await room.bot.send_chat_action(ANA, "typing")
    await window.sees("Chimera is typing…", ".title")
    sent = await room.bot.send_message(ANA, "keep this in sight")
    await room.bot.pin_chat_message(ANA, sent.message_id)
    await window.sees("keep this in sight", ".pinned")


async def test_topics_are_apart(room: Room, windows: Windows) -> None:
    forum = room.telegram.group(-1002, "Forum", members=[room.telegram.people[ANA]], forum=True)
    alerts = room.telegram.topic(forum, "Alerts")
    await room.bot.send_message(-1002, "only in alerts", message_thread_id=alerts)
    window = await room.window(windows, ANA, -1002)
    assert "only in alerts" not in await window.page.locator("#messages").inner_text()
    await window.page.get_by_role("tab", name="Alerts").click()
    await window.sees("only in alerts")
    await window.says("heard")
    await window.sees("heard")
    assert room.telegram.messages(-1002)[-1].thread_id == alerts


async def test_the_language_of_a_person_changes_page_commands_and_client(room: Room, windows: Windows) -> None:
    await room.bot.set_my_commands([BotCommand(command="ajuda", description="O que sei fazer")], language_code="pt")
    await room.bot.set_my_commands([BotCommand(command="help", description="What I can do")])
    window = await room.window(windows)
    await window.page.fill("#write", "/")
    await window.sees("What I can do", "#suggestions")
    await window.page.select_option("#language", "pt-br")
    await window.sees("Quebrar algo", "#side")
    await window.page.fill("#write", "")
    await window.page.fill("#write", "/")
    await window.sees("O que sei fazer", "#suggestions")
    assert room.telegram.people[ANA].user.language == "pt-br"


async def test_light_and_dark_can_be_chosen_and_are_kept(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    await window.page.emulate_media(color_scheme="dark")
    await window.page.reload()
    assert await window.page.get_attribute("html", "data-theme") == "dark"
    await window.presses("Dark or light")
    await window.page.reload()
    await window.page.wait_for_selector("html[data-theme=light]")


async def test_at_phone_width_chat_list_and_panel_are_one_tap_away(room: Room, windows: Windows) -> None:
    window = await room.window(windows, width=360, height=700)
    page = window.page
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    line = await page.locator("#write").bounding_box()
    await window.presses("Chats")
    # Another person's chat opens while nothing of it is on the screen.
    await page.select_option("#me", str(RUI))
    await page.locator(".chat[aria-current]").click()
    await page.locator("#greeting").wait_for()
    assert line is not None
    write = await page.locator("#write").bounding_box()
    assert write is not None
    assert write["height"] == line["height"]
    await window.presses("Chats")
    await page.get_by_role("link", name="Ops").click()
    await page.locator("h1", has_text="Ops").wait_for()
    await window.presses("Break something")
    await window.sees("ERP down", "#panel")
    await window.presses("Close")
    await page.locator("#messages").wait_for()


def keyboard(text: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=text, callback_data="x")]])
