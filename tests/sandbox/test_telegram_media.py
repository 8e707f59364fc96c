"""Albums, exchanged files, copies, pins: what the bot sends besides plain messages."""

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile, InputMediaDocument, InputMediaPhoto

from sandbox.telegram import TelegramServer

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (80).to_bytes(4) + (60).to_bytes(4) + b"\0" * 20


def document(name: str, caption: str | None = None) -> InputMediaDocument:
    return InputMediaDocument(media=BufferedInputFile(b"1;2", name), caption=caption, parse_mode="HTML")


async def test_an_album_is_one_group_of_messages(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    sent = await bot.send_media_group(1001, [document("a.csv", "<b>first</b>"), document("b.csv")])
    assert len({one.media_group_id for one in sent}) == 1
    assert [one.document.file_name for one in sent if one.document] == ["a.csv", "b.csv"]
    assert tg.messages(1001)[1].html == "<b>first</b>"


async def test_an_album_holds_two_to_ten_of_a_kind(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    photo = InputMediaPhoto(media=BufferedInputFile(PNG, "a.png"))
    with pytest.raises(TelegramBadRequest, match="2-10"):
        await bot.send_media_group(1001, [document("a.csv")])
    with pytest.raises(TelegramBadRequest, match="Can't use the media of the specified type in the album"):
        await bot.send_media_group(1001, [document("a.csv"), photo])
    assert len(tg.violations) == 2


async def test_a_file_is_exchanged_in_place(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    sent = await bot.send_photo(1001, BufferedInputFile(PNG, "a.png"), caption="today")
    await bot.edit_message_media(document("b.csv", "later"), chat_id=1001, message_id=sent.message_id)
    message = tg.messages(1001)[-1]
    assert (message.photo, message.text, message.edits) == (None, "later", 1)
    assert message.document is not None
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.edit_message_caption(chat_id=1001, message_id=sent.message_id, caption="x" * 1025)
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("x", chat_id=1001, message_id=sent.message_id)


async def test_messages_are_copied_and_forwarded(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    tg.group(-1001, "Ops", members=[ana])
    said = await ana.says("look at this")
    await bot.copy_message(-1001, 1001, said.id)
    forwarded = await bot.forward_message(-1001, 1001, said.id)
    assert [one.text for one in tg.messages(-1001)] == ["look at this", "look at this"]
    assert forwarded.forward_origin is not None
    secret = await bot.send_message(1001, "secret", protect_content=True)
    with pytest.raises(TelegramBadRequest, match="message can't be copied"):
        await bot.copy_message(-1001, 1001, secret.message_id)
    with pytest.raises(TelegramBadRequest, match="message to forward not found"):
        await bot.forward_message(-1001, 1001, 999)


async def test_pinning_needs_the_right_to(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    ops = tg.group(-1001, "Ops", members=[ana])
    sent = await bot.send_message(-1001, "read me")
    with pytest.raises(TelegramBadRequest, match="not enough rights to manage pinned messages in the chat"):
        await bot.pin_chat_message(-1001, sent.message_id)
    tg.add_bot(ops, ana, admin=True)
    await bot.pin_chat_message(-1001, sent.message_id)
    assert ops.pinned == [sent.message_id]
    await bot.unpin_chat_message(-1001, message_id=sent.message_id)
    assert ops.pinned == []


async def test_a_row_wider_than_a_phone_is_noted(tg: TelegramServer, call_api: object, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    row = [{"text": str(n), "callback_data": str(n)} for n in range(9)]
    assert callable(call_api)
    await call_api("sendMessage", chat_id=1001, text="x", reply_markup={"inline_keyboard": [row]})
    assert [one.detail for one in tg.violations] == ["a row of 9 buttons"]
