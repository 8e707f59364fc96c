"""Every window of every dialog, and what each is opened with: a new window belongs in here."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram.fsm.state import State

from handlers.dialogs.places import Home
from handlers.forms.states import Form
from tests.handlers.kit import Desk

Given = Callable[[Desk], Awaitable[Mapping[str, Any]]]


async def nothing(_desk: Desk) -> Mapping[str, Any]:
    return {}


async def a_store(desk: Desk) -> Mapping[str, Any]:
    return {"section": "stores", "entity_id": desk.store_ids[0]}


async def a_name(desk: Desk) -> Mapping[str, Any]:
    return {"section": "stores", "entity_id": desk.store_ids[0], "field": ["name"]}


WINDOWS: dict[State, Given] = {
    Home.main: nothing,
    Home.status: nothing,
    Form.page: a_store,
    Form.field: a_name,
    Form.summary: a_store,
    Form.pin: a_store,
    Form.done: a_store,
}
