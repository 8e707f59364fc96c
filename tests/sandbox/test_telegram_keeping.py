"""A sandbox that runs for days keeps no more than the newest of everything."""

from aiogram import Bot
from aiogram.types import BufferedInputFile

from sandbox.telegram import TelegramServer
from sandbox.telegram.keeping import Keep


async def test_of_everything_only_the_newest_is_kept(tg: TelegramServer, bot: Bot) -> None:
    ana = tg.person(1001, "Ana")
    await ana.says("/start")
    tg.world.keep = Keep(messages=4, notes=4, file_bytes=25)
    files = []
    for number in range(9):
        sent = await bot.send_document(1001, BufferedInputFile(b"0123456789", f"{number}.csv"))
        files.append(sent)
        await ana.taps(tg.messages(1001)[-1], data="x")

    assert [one.file.name for one in tg.messages(1001) if one.file] == ["5.csv", "6.csv", "7.csv", "8.csv"]
    assert [one.name for one in tg.world.files.values()] == ["7.csv", "8.csv"]
    assert len(tg.world.queries) == 4
    assert len(tg.calls) <= 4
    assert tg.calls[-1].method == "sendDocument"
    assert "<file 8.csv, 10 bytes>" in tg.rendered(1001)


async def test_a_pinned_message_stays_however_old(tg: TelegramServer, bot: Bot) -> None:
    await tg.person(1001, "Ana").says("/start")
    first = await bot.send_message(1001, "first")
    await bot.pin_chat_message(1001, first.message_id)
    tg.world.keep = Keep(messages=3)
    for number in range(6):
        await bot.send_message(1001, f"{number}")

    assert [one.text for one in tg.messages(1001)] == ["first", "4", "5"]
    pinned = (await bot.get_chat(1001)).pinned_message
    assert pinned is not None
    assert pinned.message_id == first.message_id
