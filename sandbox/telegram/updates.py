"""The queue behind getUpdates: offsets confirm, the newest poll wins, a day of memory."""

import asyncio
from collections.abc import Callable

from sandbox.telegram.errors import ConnectionCut, conflict
from sandbox.telegram.model import Json, Update

KEPT_SECONDS = 24 * 3600
LONGEST_POLL_SECONDS = 50
LARGEST_BATCH = 100

KINDS = frozenset(
    {
        "message", "edited_message", "channel_post", "edited_channel_post", "business_connection",
        "business_message", "edited_business_message", "deleted_business_messages", "message_reaction",
        "message_reaction_count", "inline_query", "chosen_inline_result", "callback_query", "shipping_query",
        "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member",
        "chat_join_request", "chat_boost", "removed_chat_boost", "guest_message", "managed_bot",
        "subscription",
    }
)  # fmt: skip
BY_DEFAULT = KINDS - {"chat_member", "message_reaction", "message_reaction_count"}

WEBHOOK_SET = "terminated by setWebhook request"
OTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"


class UpdateQueue:
    """Updates not yet confirmed; it outlives any number of bots."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.allowed: frozenset[str] | None = None
        self._clock = clock
        self._waiting: list[Update] = []
        self._last_id = 100_000_000
        self._poll: asyncio.Future[None] | None = None
        self._changed = asyncio.Event()

    @property
    def waiting(self) -> list[Update]:
        """What is not confirmed yet, oldest first."""
        self._forget_old()
        return list(self._waiting)

    def holds(self, update: Update) -> bool:
        return update in self._waiting

    def confirm(self, update: Update) -> None:
        """Count one update as received."""
        self._waiting = [one for one in self._waiting if one is not update]

    async def changed(self) -> None:
        """Wait until something new may be delivered."""
        await self._changed.wait()
        self._changed.clear()

    def stir(self) -> None:
        self._changed.set()

    @property
    def pending(self) -> int:
        self._forget_old()
        return len(self._waiting)

    def put(self, kind: str, payload: Json) -> Update:
        """Queue an update unless the bot did not ask for its kind (then it is returned unqueued)."""
        self._last_id += 1
        update = Update(self._last_id, kind, payload, self._clock())
        if kind in (BY_DEFAULT if self.allowed is None else self.allowed):
            self._waiting.append(update)
            self.stir()
            if self._poll and not self._poll.done():
                self._poll.set_result(None)
        return update

    def drop_all(self) -> None:
        self._waiting.clear()

    async def take(
        self,
        offset: int,
        limit: int,
        timeout: float,  # noqa: ASYNC109 - Telegram's own parameter
        is_connected: Callable[[], bool],
    ) -> list[Update]:
        """Serve one getUpdates call; raises ApiError 409 when a newer one arrives meanwhile.

        What goes to a client that has gone meanwhile does not count as delivered.
        """
        self._end_poll(conflict(OTHER_POLL))
        self._confirm(offset)
        if not self._waiting and timeout > 0:
            await self._wait(min(timeout, LONGEST_POLL_SECONDS))
        batch = self._waiting[: min(max(limit, 1), LARGEST_BATCH)]
        for update in batch if is_connected() else []:
            update.delivered = self._clock() if update.delivered is None else update.delivered
        return batch

    def end_polls(self) -> None:
        """Turn a waiting poll away: a webhook was set."""
        self._end_poll(conflict(WEBHOOK_SET))

    def cut(self) -> None:
        """End the waiting poll without an answer (the server goes down)."""
        self._end_poll(ConnectionCut())

    async def _wait(self, seconds: float) -> None:
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await poll
        except TimeoutError:
            return
        finally:
            if self._poll is poll:
                self._poll = None

    def _end_poll(self, reason: Exception) -> None:
        if self._poll and not self._poll.done():
            self._poll.set_exception(reason)
        self._poll = None

    def _confirm(self, offset: int) -> None:
        self._forget_old()
        if offset < 0:
            self._waiting = self._waiting[offset:]
        else:
            self._waiting = [one for one in self._waiting if one.id >= offset]

    def _forget_old(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        self._waiting = [one for one in self._waiting if one.created >= oldest]
