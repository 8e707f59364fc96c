from typing import Any

import aiogram.methods
import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyParameters,
)

from sandbox.telegram import TelegramServer
from sandbox.telegram.known_parameters import KNOWN

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (640).to_bytes(4) + (480).to_bytes(4)


def keyboard(*buttons: tuple[str, str]) -> InlineKeyboardMarkup:
    row = [InlineKeyboardButton(text=text, callback_data=data) for text, data in buttons]
    return InlineKeyboardMarkup(inline_keyboard=[row])


async def test_known_parameters_are_those_of_the_client_library() -> None:
    for name, known in KNOWN.items():
        model = getattr(aiogram.methods, name[0].upper() + name[1:])
        assert known == set(model.model_fields), name


async def test_a_message_arrives_with_formatting_and_buttons(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    await ana.says("/start")
    sent = await bot.send_message(
        1001, "<b>Olá</b> 🙂 &lt;x&gt;", parse_mode="HTML", reply_markup=keyboard(("Go", "go:1"))
    )
    message = tg.messages(1001)[-1]
    assert message.id == sent.message_id
    assert (message.text, message.html) == ("Olá 🙂 <x>", "<b>Olá</b> 🙂 &lt;x&gt;")
    assert [one.text for row in message.buttons for one in row] == ["Go"]
    assert [(one.type, one.offset, one.length) for one in sent.entities or []] == [("bold", 0, 3)]
    assert tg.violations == []


async def test_the_bot_cannot_write_first(tg: TelegramServer, bot: Bot) -> None:
    tg.person(1001, "Ana")
    with pytest.raises(TelegramForbiddenError, match="bot can't initiate conversation with a user"):
        await bot.send_message(1001, "hello")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(777, "hello")
    assert [one.kind for one in tg.violations] == ["forbidden", "invalid_call"]


async def test_a_person_who_blocked_the_bot_is_a_403_without_blame(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    await ana.says("/start")
    ana.blocks_bot()
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(1001, "hello")
    ana.unblocks_bot()
    await bot.send_message(1001, "hello again")
    assert tg.violations == []


@pytest.mark.parametrize(
    ("text", "description"),
    [("", "message text is empty"), (" \n ", "message text is empty"), ("x" * 4097, "message is too long")],
)
async def test_texts_without_content_or_end_are_refused(
    tg: TelegramServer, call_api: Any, text: str, description: str
) -> None:
    await tg.person(1001, "Ana").says("/start")
    status, answer = await call_api("sendMessage", chat_id=1001, text=text)
    assert (status, answer["description"]) == (400, f"Bad Request: {description}")
    assert len(tg.violations) == 1


async def test_the_limit_counts_after_entities_parsing(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    await bot.send_message(1001, "<b>" + "x" * 4096 + "</b>", parse_mode="HTML")
    with pytest.raises(TelegramBadRequest, match="message is too long"):
        await bot.send_message(1001, "🙂" * 2049)


async def test_formatting_beyond_a_hundred_entities_is_lost_and_noted(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    await bot.send_message(1001, "<b>x</b> " * 101, parse_mode="HTML")
    assert len(tg.messages(1001)[-1].entities) == 100
    assert [one.kind for one in tg.violations] == ["too_many_entities"]


@pytest.mark.parametrize("name", ["callback_data", "url", "nothing", "many"])
async def test_wrong_keyboards_are_refused(tg: TelegramServer, call_api: Any, name: str) -> None:
    await tg.person(1001, "Ana").says("/start")
    button: dict[str, Any] = {"text": "Go"}
    wanted, count = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard", 1
    if name == "callback_data":
        button["callback_data"], wanted = "é" * 33, "BUTTON_DATA_INVALID"
    if name == "url":
        button["url"] = "http://localhost:8080/x"
        wanted = "inline keyboard button URL 'http://localhost:8080/x' is invalid: Wrong HTTP URL"
    if name == "many":
        button["callback_data"], wanted, count = "x", "reply markup is too long", 101
    markup = {"inline_keyboard": [[button]] * count}
    status, answer = await call_api("sendMessage", chat_id=1001, text="x", reply_markup=markup)
    assert (status, answer["description"]) == (400, f"Bad Request: {wanted}")
    assert tg.violations[0].kind == "invalid_markup"


async def test_an_edit_changes_the_message_and_drops_buttons_not_given_again(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    sent = await bot.send_message(1001, "1 of 3", reply_markup=keyboard(("Cancel", "c")))
    await bot.edit_message_text("2 of 3", chat_id=1001, message_id=sent.message_id)
    message = tg.messages(1001)[-1]
    assert (message.text, message.buttons, message.edits) == ("2 of 3", [], 1)


async def test_an_edit_that_changes_nothing_is_refused_and_noted(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    sent = await bot.send_message(1001, "same")
    with pytest.raises(TelegramBadRequest, match=NOT_MODIFIED):
        await bot.edit_message_text("same ", chat_id=1001, message_id=sent.message_id)
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_reply_markup(chat_id=1001, message_id=sent.message_id)
    assert [one.kind for one in tg.violations] == ["not_modified", "not_modified"]


async def test_a_message_deleted_by_a_person_cannot_be_edited(tg: TelegramServer, bot: Bot) -> None:
    said = await tg.person(1001, "Ana").says("/start")
    sent = await bot.send_message(1001, "here")
    tg.delete_by_person(tg.messages(1001)[-1])
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("there", chat_id=1001, message_id=sent.message_id)
    assert tg.violations == []
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("not mine", chat_id=1001, message_id=said.id)


async def test_a_deletion_takes_the_message_away_for_two_days_only(tg: TelegramServer, bot: Bot, tg_clock: Any) -> None:
    said = await tg.person(1001, "Ana").says("my password is 1234")
    await bot.delete_message(1001, said.id)
    assert said.deleted
    assert "1234" not in tg.rendered(1001)
    old = await bot.send_message(1001, "old")
    tg_clock.turn(49 * 3600)
    with pytest.raises(TelegramBadRequest, match="message can't be deleted for everyone"):
        await bot.delete_message(1001, old.message_id)


async def test_replies_need_their_message_unless_told_otherwise(tg: TelegramServer, bot: Bot) -> None:
    said = await tg.person(1001, "Ana").says("question")
    answer = await bot.send_message(1001, "answer", reply_parameters=ReplyParameters(message_id=said.id))
    assert answer.reply_to_message is not None
    assert answer.reply_to_message.text == "question"
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(1001, "lost", reply_parameters=ReplyParameters(message_id=999))
    loose = ReplyParameters(message_id=999, allow_sending_without_reply=True)
    assert (await bot.send_message(1001, "free", reply_parameters=loose)).reply_to_message is None


async def test_a_document_keeps_its_bytes_and_can_be_sent_again_by_id(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/export")
    file = BufferedInputFile(b"a;b\n1;2\n", "lines.csv")
    sent = await bot.send_document(1001, file, caption="<i>Lines</i>", parse_mode="HTML")
    stored = tg.messages(1001)[-1].document
    assert stored is not None
    assert (stored.name, stored.data, sent.caption) == ("lines.csv", b"a;b\n1;2\n", "Lines")
    assert sent.document is not None
    await bot.send_document(1001, sent.document.file_id)
    assert tg.messages(1001)[-1].document is stored
    downloaded = await bot.download(sent.document.file_id)
    assert downloaded is not None
    assert downloaded.read() == b"a;b\n1;2\n"
    assert tg.violations == []


async def test_a_file_sent_by_a_person_can_be_fetched(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").sends_file("config.yaml", b"version: 1", caption="/import")
    [update] = await bot.get_updates()
    assert update.message is not None
    assert update.message.document is not None
    assert (update.message.caption, update.message.document.file_name) == ("/import", "config.yaml")
    file = await bot.download(update.message.document)
    assert file is not None
    assert file.read() == b"version: 1"


async def test_photos_must_be_pictures_of_sane_proportions(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/stats")
    sent = await bot.send_photo(1001, BufferedInputFile(PNG, "chart.png"))
    assert sent.photo is not None
    assert (sent.photo[0].width, sent.photo[0].height) == (640, 480)
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(1001, BufferedInputFile(b"no picture", "chart.png"))
    thin = PNG[:16] + (5000).to_bytes(4) + (10).to_bytes(4)
    with pytest.raises(TelegramBadRequest, match="PHOTO_INVALID_DIMENSIONS"):
        await bot.send_photo(1001, BufferedInputFile(thin, "chart.png"))
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_photo(1001, BufferedInputFile(PNG, "chart.png"), caption="x" * 1025)


async def test_unknown_parameters_are_noted(tg: TelegramServer, call_api: Any) -> None:
    await tg.person(1001, "Ana").says("/start")
    status, _ = await call_api("sendMessage", chat_id=1001, text="x", keyboard=[])
    assert status == 200
    assert [(one.kind, one.detail) for one in tg.violations] == [("unknown_parameter", "keyboard")]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("sendMessage", {"text": "x", "reply_parameters": [1]}),
        ("sendMessage", {"text": "x", "reply_markup": "{broken"}),
        ("sendMessage", {"text": "x", "reply_markup": {"inline_keyboard": [{"text": "flat"}]}}),
        ("sendMessage", {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "app", "web_app": "x"}]]}}),
        ("sendMessage", {"text": "x", "entities": {"type": "bold"}}),
        ("deleteMessages", {"message_ids": ["one"]}),
        ("deleteMessage", {"message_id": "one"}),
        ("sendDocument", {"document": "https://example.org/file"}),
        ("sendDocument", {}),
        ("setMyCommands", {"commands": {"sync": "Run"}}),
        ("answerInlineQuery", {"inline_query_id": "1", "results": "none"}),
    ],
)
async def test_misshapen_parameters_are_a_400_and_noted(
    tg: TelegramServer, call_api: Any, method: str, params: dict[str, Any]
) -> None:
    await tg.person(1001, "Ana").says("/start")
    status, answer = await call_api(method, chat_id=1001, **params)
    assert (status, answer["ok"]) == (400, False)
    assert answer["description"] in {one.detail for one in tg.violations}


async def test_unknown_methods_and_tokens_are_refused(tg: TelegramServer, call_api: Any) -> None:
    assert await call_api("sendTelepathy") == (404, {"ok": False, "error_code": 404, "description": "Not Found"})
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{tg.url}/bot43:other/getMe") as response,
    ):
        assert response.status == 401
        assert (await response.json())["description"] == "Unauthorized"
    assert [one.kind for one in tg.violations] == ["unknown_method", "wrong_token"]


async def test_form_json_and_query_parameters_mean_the_same(tg: TelegramServer) -> None:
    await tg.person(1001, "Ana").says("/start")
    markup = '{"inline_keyboard": [[{"text": "Go", "callback_data": "1"}]]}'
    form = {"chat_id": "1001", "text": "form", "reply_markup": markup}
    url = f"{tg.url}/bot{tg.token}/sendMessage"
    async with aiohttp.ClientSession() as http:
        async with http.post(url, data=form) as response:
            assert response.status == 200
        async with http.get(url, params=form) as response:
            assert response.status == 200
    assert len(tg.messages(1001)) == 3
    assert all(message.buttons for message in tg.messages(1001)[1:])


async def test_the_journal_shows_calls_but_never_the_token(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    await bot.send_message(1001, "hello")
    [call] = tg.calls
    assert (call.method, call.status, call.params["text"]) == ("sendMessage", 200, "hello")
    assert tg.token not in repr(tg.calls)
