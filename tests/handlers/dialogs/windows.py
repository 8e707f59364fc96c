"""Every window of every dialog, and what each is opened with: a new window belongs in here."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram.fsm.state import State

from handlers.dialogs.places import Home
from tests.handlers.kit import Desk

Given = Callable[[Desk], Awaitable[Mapping[str, Any]]]


async def nothing(_desk: Desk) -> Mapping[str, Any]:
    return {}


WINDOWS: dict[State, Given] = {
    Home.main: nothing,
    Home.status: nothing,
}
