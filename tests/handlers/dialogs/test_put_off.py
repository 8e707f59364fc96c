"""Somebody who taps faster than Telegram lets us edit: no update waits for that, and only the last picture counts."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.enums import ContentType
from aiogram.exceptions import TelegramServerError
from aiogram.methods import GetMe, TelegramMethod
from aiogram.types import Chat, Message
from aiogram_dialog import ShowMode
from aiogram_dialog.api.entities import OldMessage

from core.chat.model import HandledUpdate
from core.nursery import Nursery
from core.outbox.closing import Chats
from core.outbox.reach import Reach
from handlers.delivery.cards import Rhythm
from handlers.delivery.pacing import Pacer, Paces, _Line
from handlers.delivery.postman import Postman
from handlers.dialogs.messages import MenuMessage, MenuMessages
from handlers.service import Tempo
from tests.handlers.kit import ANA, HURRY, TOKEN, Desk, until
from tests.handlers.menu_kit import SEPARATOR, Walk, is_menu, settled

CHAT = Chat(id=ANA, type="private")
STRICT = Tempo(Paces(60, 60, 0.001), Rhythm(0.05, 0.05))
"""Nothing leaves until a test says so."""


async def test_taps_are_handled_while_their_edit_waits_for_its_turn_and_the_last_one_is_shown(desk: Desk) -> None:
    async with desk.chat(tempo=STRICT):
        await desk.ana.says("/menu")
        menu = await desk.telegram.wait_for(desk.ana.id, is_menu)
        before = menu.text
        walk = Walk(desk, desk.ana)
        intent = walk.data("Status").split(SEPARATOR)[0]

        await desk.ana.taps(menu, "Status")
        await desk.ana.taps(menu, data=f"{intent}{SEPARATOR}again")
        await until(lambda: _handled(desk, 3))
        assert menu.text == before
        _let_go(desk)
        await settled(desk)

        assert "How things stand" in menu.text
        assert sum(call.method == "editMessageText" for call in desk.telegram.calls) == 1


async def test_whoever_went_to_and_fro_while_an_edit_waited_sees_the_same_already_and_nothing_is_edited(
    desk: Desk,
) -> None:
    async with desk.chat(tempo=STRICT):
        await desk.ana.says("/menu")
        menu = await desk.telegram.wait_for(desk.ana.id, is_menu)
        intent = Walk(desk, desk.ana).data("Status").split(SEPARATOR)[0]

        await desk.ana.taps(menu, "Status")
        await desk.ana.taps(menu, data=f"{intent}{SEPARATOR}back")
        await until(lambda: _handled(desk, 3))
        _let_go(desk)
        await settled(desk)

        assert not any(call.method == "editMessageText" for call in desk.telegram.calls)


async def test_a_menu_that_moved_on_is_not_edited_any_more(desk: Desk) -> None:
    async with desk.chat(tempo=STRICT):
        await desk.ana.says("/menu")
        menu = await desk.telegram.wait_for(desk.ana.id, is_menu)

        await desk.ana.taps(menu, "Status")
        await until(lambda: len(_line(desk)._waiting) == 1)
        await desk.ana.says("/stores")
        await until(lambda: len(_line(desk)._waiting) == 2)
        _let_go(desk)
        await until(lambda: menu.deleted)
        await settled(desk)

        assert not any(call.method == "editMessageText" for call in desk.telegram.calls)
        assert not desk.telegram.violations


async def test_an_edit_that_a_restart_cut_off_is_mended_by_the_next_tap(desk: Desk) -> None:
    walk = Walk(desk, desk.ana)
    async with desk.chat(tempo=STRICT):
        await desk.ana.says("/menu")
        menu = await desk.telegram.wait_for(desk.ana.id, is_menu)
        await desk.ana.taps(menu, "Status")
        await until(lambda: _handled(desk, 2))
    assert "How things stand" not in menu.text
    async with desk.chat():
        assert "here is the menu afresh" in await walk.taps("Status")
        assert "How things stand" in await walk.taps("Status")

    assert walk.message is menu


async def test_taps_are_handled_while_their_edit_waits_out_a_429(desk: Desk) -> None:
    async with desk.chat():
        await desk.ana.says("/menu")
        menu = await desk.telegram.wait_for(desk.ana.id, is_menu)
        desk.telegram.faults.too_many_requests(600, method="editMessageText")

        taps = [await desk.ana.taps(menu, "Status"), await desk.ana.taps(menu, "Status")]
        for tap in taps:
            await tap
        await until(lambda: _handled(desk, 3))
        assert "How things stand" not in menu.text


async def test_a_tap_is_answered_once_while_a_message_of_the_same_chat_must_wait(desk: Desk) -> None:
    async with desk.chat(tempo=STRICT):
        await desk.start_run(ANA)
        card = await desk.telegram.wait_for(ANA, "Daily sync, run 1")
        await desk.ana.says("/menu")
        await until(lambda: _line(desk)._waiting)

        answer = await (await desk.ana.taps(card, "Cancel"))
        assert "One moment" in answer.text
        _let_go(desk)
        await desk.telegram.wait_for(ANA, "It stops")
        menu = await desk.telegram.wait_for(ANA, is_menu)
        assert desk.menus is not None
        desk.menus._postman.pacer.paces = STRICT.paces
        await desk.ana.says("/stores")
        await until(lambda: _line(desk)._waiting)

        answer = await (await desk.ana.taps(menu, "Status"))
        assert "One moment" in answer.text
        _let_go(desk)
        await settled(desk)

    assert sum(call.method == "answerCallbackQuery" for call in desk.telegram.calls) == 2


async def test_an_edit_under_way_is_not_tried_again_once_another_menu_stands_for_it(desk: Desk) -> None:
    wire = Wire()
    bot, pacer = Bot(TOKEN, wire), Pacer(HURRY.paces)
    postman = Postman(bot, pacer, await desk.container.get(Chats), await desk.container.get(Reach))
    menus = MenuMessages(postman, nursery := Nursery())
    old = OldMessage(CHAT, 7, None, None, content_type=ContentType.TEXT)
    pacer.hold(CHAT.id, 0.01)
    tapped = Message(message_id=7, date=datetime.now(UTC), chat=CHAT, text="early")
    await menus.show_message(bot, MenuMessage(chat=CHAT, text="late", show_mode=ShowMode.EDIT, tapped=tapped), old)
    await until(lambda: wire.calls == ["EditMessageText"])
    menus.retire(CHAT.id, 7)
    wire.answers.put_nowait(TelegramServerError(GetMe(), "Bad Gateway"))
    await until(lambda: wire.calls[1:])
    wire.answers.put_nowait(True)
    await until(lambda: not nursery._tasks)

    assert wire.calls == ["EditMessageText", "EditMessageReplyMarkup"]


async def test_a_menu_that_a_stop_turned_away_comes_from_the_next_process(desk: Desk) -> None:
    async with desk.chat(tempo=STRICT):
        await desk.ana.says("/menu")
        await desk.telegram.wait_for(ANA, is_menu)
        await desk.ana.says("/status")
        await until(lambda: _line(desk)._waiting)
        assert desk.menus is not None
        desk.menus._postman.pacer.close()
    async with desk.chat():
        await desk.telegram.wait_for(ANA, "How things stand")


class Wire(BaseSession):
    """Calls that end when and as a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.answers: asyncio.Queue[bool | Exception] = asyncio.Queue()

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:  # noqa: ASYNC109
        del bot, timeout
        self.calls.append(type(method).__name__)
        answer = await self.answers.get()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def stream_content(self, *_args: Any, **_kwargs: Any) -> AsyncGenerator[bytes, None]:
        yield b""

    async def close(self) -> None:
        """Do nothing."""


def _let_go(desk: Desk) -> None:
    assert desk.menus is not None
    desk.menus._postman.pacer.paces = HURRY.paces
    _line(desk).free_at = 0
    _line(desk).call()


def _line(desk: Desk) -> _Line:
    """Return what waits for its turn in Ana's chat."""
    assert desk.menus is not None
    return desk.menus._postman.pacer._chats[desk.ana.id]


async def _handled(desk: Desk, number: int) -> bool:
    return len(await desk.rows(HandledUpdate)) >= number
