"""What one can do on the page: tap, choose commands, look up inline, send and fetch files, break things."""

import asyncio
from pathlib import Path
from typing import Any

from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    ReplyKeyboardMarkup,
    Update,
)

from tests.page.room import ANA, OPS, Room, Windows

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000080000000808020000004b6d29dc"
    "000000124944415478da63f8cfc0801561171db4120096df3fc1acf3ab240000000049454e44ae426082"
)


def keyboard(**button: Any) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Release 3", **button)]])


async def test_a_tap_waits_for_its_answer_and_shows_it(room: Room, windows: Windows) -> None:
    gate = asyncio.Event()

    async def answer(update: Update) -> None:
        if update.callback_query:
            await gate.wait()
            await room.bot.answer_callback_query(update.callback_query.id, text="Released.")

    await room.bot.send_message(ANA, "3 held", reply_markup=keyboard(callback_data="r:3"))
    await room.answers(answer)
    window = await room.window(windows)
    await window.presses("Release 3")
    await window.page.locator(".key[aria-busy]").wait_for()
    gate.set()
    await window.sees("Released.", "#toasts")
    await window.page.locator(".key:not([aria-busy])").wait_for()


async def test_an_alert_must_be_dismissed(room: Room, windows: Windows) -> None:
    async def answer(update: Update) -> None:
        if update.callback_query:
            await room.bot.answer_callback_query(update.callback_query.id, text="Not yours.", show_alert=True)

    await room.bot.send_message(ANA, "3 held", reply_markup=keyboard(callback_data="r:3"))
    await room.answers(answer)
    window = await room.window(windows)
    await window.presses("Release 3")
    await window.sees("Not yours.", "dialog[open]")
    await window.presses("OK")
    assert await window.page.locator("dialog[open]").count() == 0


async def test_a_deep_link_starts_the_bot_with_its_parameter(room: Room, windows: Windows) -> None:
    name = room.telegram.world.bot.username
    await room.bot.send_message(OPS, "set up", reply_markup=keyboard(url=f"https://t.me/{name}?start=form_7"))
    window = await room.window(windows, ANA, OPS)
    await window.page.get_by_role("link", name="Release 3").click()
    await window.sees("/start form_7")
    assert room.telegram.messages(ANA)[-1].text == "/start form_7"


async def test_commands_are_offered_by_their_beginning_and_chosen_by_keyboard(room: Room, windows: Windows) -> None:
    commands = [BotCommand(command=name, description=f"Does {name}") for name in ("status", "sync", "history")]
    await room.bot.set_my_commands(commands)
    window = await room.window(windows)
    await window.page.type("#write", "/s")
    assert await window.page.locator("#suggestions li").count() == 2
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        await window.page.press("#write", key)
    await window.sees("/sync")
    assert room.telegram.messages(ANA)[-1].text == "/sync"


async def test_a_reply_keyboard_answers_once(room: Room, windows: Windows) -> None:
    keys = ReplyKeyboardMarkup(
        keyboard=[[KeyboardButton(text="Yes"), KeyboardButton(text="No")]], one_time_keyboard=True
    )
    await room.bot.send_message(ANA, "Sure?", reply_markup=keys)
    window = await room.window(windows)
    await window.presses("Yes")
    await window.page.locator(".reply-keyboard").wait_for(state="hidden")
    assert room.telegram.messages(ANA)[-1].text == "Yes"


async def test_a_forced_reply_answers_the_question(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    asked = await room.bot.send_message(ANA, "Which store?", reply_markup=ForceReply())
    await window.sees("Reply to Chimera", ".about")
    await window.says("001")
    await window.sees("001")
    assert room.telegram.messages(ANA)[-1].reply_to == asked.message_id


async def test_an_inline_query_offers_results_to_pick(room: Room, windows: Windows) -> None:
    async def answer(update: Update) -> None:
        if update.inline_query:
            content = {"message_text": f"<b>Rice</b> for {update.inline_query.query}", "parse_mode": "HTML"}
            result = {"type": "article", "id": "1", "title": "Rice 5 kg", "input_message_content": content}
            call = {"inline_query_id": update.inline_query.id, "results": [result], "cache_time": 0}
            url = f"{room.telegram.url}/bot{room.telegram.token}/answerInlineQuery"
            session = await room.bot.session.create_session()  # type: ignore[attr-defined]
            async with session.post(url, json=call):
                pass

    await room.answers(answer)
    window = await room.window(windows, ANA, OPS)
    await window.page.type("#write", f"@{room.telegram.world.bot.username} 789")
    await window.page.get_by_role("option", name="Rice 5 kg").click()
    await window.sees("Rice for 789")
    await window.sees(f"via @{room.telegram.world.bot.username}")


async def test_files_go_in_by_picking_and_out_by_downloading(room: Room, windows: Windows, tmp_path: Path) -> None:
    stores = tmp_path / "stores.csv"
    stores.write_bytes(b"name;cnpj\r\n")
    window = await room.window(windows)
    await window.page.fill("#write", "the new stores")
    await window.page.set_input_files("#file", [stores])
    await window.sees("the new stores")
    message = room.telegram.messages(ANA)[-1]
    assert message.document is not None
    assert (message.text, message.document.data) == ("the new stores", b"name;cnpj\r\n")
    await room.bot.send_document(ANA, BufferedInputFile(b"PK\x03\x04", "report.xlsx"), caption="Report")
    async with window.page.expect_download() as coming:
        await window.page.get_by_role("link", name="report.xlsx").click()
    download = await coming.value
    assert download.suggested_filename == "report.xlsx"
    assert (await download.path()).read_bytes() == b"PK\x03\x04"


async def test_files_can_be_dropped_on_the_chat(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    await window.page.evaluate(
        """() => {
            const files = new DataTransfer();
            files.items.add(new File(["1;2"], "dropped.csv", {type: "text/csv"}));
            document.getElementById("talk").dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true}));
        }"""
    )
    await window.sees("dropped.csv")


async def test_photos_of_an_album_are_enlarged(room: Room, windows: Windows) -> None:
    photos = [InputMediaPhoto(media=BufferedInputFile(PNG, f"{n}.png"), caption=f"chart {n}") for n in (1, 2)]
    await room.bot.send_media_group(ANA, list(photos))
    window = await room.window(windows)
    assert await window.page.locator(".album img").count() == 2
    await window.presses("Enlarge the photo")
    await window.page.locator("#zoom[open] img").wait_for()
    await window.page.keyboard.press("Escape")
    await window.page.locator("#zoom").wait_for(state="hidden")


async def test_an_own_message_is_edited_and_deleted(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    await window.says("teh store")
    await window.sees("teh store")
    for choice in ("Edit", "Delete"):
        await window.last.get_by_role("button", name="About this message").click()
        await window.presses(choice)
        if choice == "Edit":
            await window.says("the store")
            await window.sees("the store")
    await window.page.locator("#messages", has_text="the store").wait_for(state="detached")
    assert room.telegram.messages(ANA)[-1].deleted


async def test_a_blocked_bot_is_let_in_again(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    for choice, sub in (("Block the bot", "blocked by you"), ("Let the bot write again", "bot")):
        await window.presses("About this chat")
        await window.presses(choice)
        await window.page.locator(".sub", has_text=sub).wait_for()
    updates = [one.my_chat_member for one in await room.bot.get_updates() if one.my_chat_member]
    assert [one.new_chat_member.status for one in updates] == ["kicked", "member"]


async def test_a_group_made_on_the_page_has_the_bot_in_it(room: Room, windows: Windows) -> None:
    window = await room.window(windows)
    await window.presses("+ New group")
    await window.page.fill("dialog input", "Region South")
    await window.page.check("dialog #forum")
    await window.presses("Create")
    await window.page.locator("h1", has_text="Region South").wait_for()
    await window.sees("Chimera joined")


async def test_what_is_impossible_says_why(room: Room, windows: Windows) -> None:
    room.telegram.people[ANA].blocks_bot()
    window = await room.window(windows)
    await window.says("hello?")
    await window.sees("blocked the bot", "#toasts")
    assert await window.page.input_value("#write") == "hello?"
    window.errors = [one for one in window.errors if "400" not in one]
