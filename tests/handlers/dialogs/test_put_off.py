"""Somebody who taps faster than Telegram lets us edit: no update waits for that, and only the last picture counts."""

from core.chat.model import HandledUpdate
from handlers.delivery.cards import Rhythm
from handlers.delivery.pacing import Paces, _Line
from handlers.service import Tempo
from tests.handlers.kit import HURRY, Desk, until
from tests.handlers.menu_kit import SEPARATOR, Walk, is_menu, settled

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
