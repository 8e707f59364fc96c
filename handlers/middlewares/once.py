"""Every update counts once, and its answers are written together with that fact (X-9)."""

from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, Update

from core.chat.updates import Reply, Updates
from core.db.database import StorageFailed
from core.outbox.wake import Wake
from handlers.middlewares.tracing import Handler
from handlers.middlewares.voice import voice_of
from handlers.storage import SqlStorage

REPLIES = "replies"
MEMBER = "member"
VOICE = "voice"
CUT_OFF = "cut_off"
"""Says that a killed process handled the update as far as its effect, but wrote no answer."""
_DOUBTED = 100
"""So many updates at most had the process before this one in hand: Telegram brings no more at once."""


class Once(BaseMiddleware):
    """Skips known updates; at the end writes the answers and what the dialogs keep, and remembers the update."""

    def __init__(self, updates: Updates, storage: SqlStorage, wake: Wake) -> None:
        self._updates = updates
        self._storage = storage
        self._wake = wake
        self._doubted = _DOUBTED

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Update) or await self._known(event, data):
            return None
        replies: list[Reply] = []
        data[REPLIES] = replies
        if self._doubted:
            self._doubted -= 1
            data[CUT_OFF] = await self._updates.took_effect(event.update_id)
        before = self._updates.writes
        with self._storage.collecting() as unit:
            result = await handler(event, data)
        changed = self._updates.writes != before
        try:
            if await self._updates.finish(event.update_id, replies, unit.memories):
                self._storage.written(unit)
        except StorageFailed:
            # It comes again, and others that go with it, as after a kill.
            self._doubted = _DOUBTED
            raise
        if replies or changed:
            # Whoever is woken reads the database: a tap that only looks shall not cost that.
            self._wake.ring()
        return result

    async def _known(self, update: Update, data: dict[str, Any]) -> bool:
        """Tell whether the update was handled before; the same read finds who speaks."""
        voice = data[VOICE] = voice_of(update)
        if voice is None:
            return await self._updates.known(update.update_id)
        arrival = await self._updates.arrived(update.update_id, voice.user.id, voice.group_id)
        data[MEMBER] = arrival.member
        return arrival.known
