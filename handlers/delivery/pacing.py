"""Keeping to Telegram's pace before it has to say so.

Everything that is sent or edited takes a turn first: in its chat, then among all chats.
Who waits is served by priority (answers, alarms, notices, edits), then in order. Who waited long
goes before what is more urgent, every second time: a chat full of questions sees a run's end, too.
"""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

EDIT = 30
"""Priority of a card's next picture; messages of the outbox bring their own (0, 10, 20)."""
_MARGIN = 0.2
_numbers = itertools.count()


class PacerClosed(Exception):
    """The process is stopping: nothing leaves any more."""


@dataclass(frozen=True, slots=True)
class Paces:
    """Seconds between two messages or edits: in a private chat, in a group, overall.

    Telegram allows about 1 a second in a chat, 20 a minute in a group, 30 a second in all.
    Who waited for `patience` waits for no more urgent ones any longer.
    """

    private: float = 1.05
    group: float = 3.1
    overall: float = 0.036
    patience: float = 10.0

    def of(self, chat_id: int) -> float:
        return self.private if chat_id > 0 else self.group


class _Ticket:
    """One who waits. Lower priority numbers go first, equal ones in order of arrival."""

    def __init__(self, priority: int) -> None:
        self.number = next(_numbers)
        self.rank = (priority, self.number)
        self.since = _now()
        self.called = asyncio.Event()

    def __lt__(self, other: "_Ticket") -> bool:
        return self.rank < other.rank


class _Line:
    """A queue before one door, which opens again `free_at` (loop time)."""

    def __init__(self, patience: float) -> None:
        self.free_at = 0.0
        self.closed = False
        self._patience = patience
        self._waiting: list[_Ticket] = []
        self._inside = False
        self._favoured = False

    @asynccontextmanager
    async def door(self, priority: int) -> AsyncIterator[None]:
        """Wait for one's turn; the next one stays outside until the block is left."""
        if self.idle and not self.closed:
            self._favoured = False
        else:
            await self._queue(priority)
        self._inside = True
        try:
            yield
        finally:
            self._inside = False
            self.call()

    async def _queue(self, priority: int) -> None:
        """Return when everybody who goes before was served."""
        ticket = _Ticket(priority)
        heapq.heappush(self._waiting, ticket)
        with ExitStack() as given_up:
            given_up.callback(self.call)
            given_up.callback(self._leave, ticket)
            await self._wait(ticket)
            given_up.pop_all()
        self._favoured = ticket is not self._waiting[0]
        self._leave(ticket)

    async def _wait(self, ticket: _Ticket) -> None:
        while not self.closed:
            first = self._next() is ticket and not self._inside
            seconds = self.free_at - _now() if first else None
            if seconds is not None and seconds <= 0:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await ticket.called.wait()
            ticket.called.clear()
            if first and self._next() is not ticket:
                # Meanwhile another one has waited for long: it does not know yet.
                self.call()
        raise PacerClosed

    def _next(self) -> _Ticket:
        """Return whose turn it is: every second time at most, of one who waited long before a more urgent one."""
        urgent = self._waiting[0]
        oldest = min(self._waiting, key=lambda ticket: ticket.number)
        overdue = not self._favoured and _now() - oldest.since >= self._patience
        return oldest if overdue else urgent

    @property
    def idle(self) -> bool:
        return not self._waiting and not self._inside and self.free_at <= _now()

    def call(self) -> None:
        """Let everybody look again whether it is their turn."""
        for ticket in self._waiting:
            ticket.called.set()

    def hold(self, seconds: float) -> None:
        self.free_at = max(self.free_at, _now() + seconds)

    def _leave(self, ticket: _Ticket) -> None:
        self._waiting.remove(ticket)
        heapq.heapify(self._waiting)


class Pacer:
    """Hands out turns. One for all deliveries of a bot."""

    def __init__(self, paces: Paces | None = None) -> None:
        self.paces = paces or Paces()
        self._chats: dict[int, _Line] = {}
        self._overall = _Line(self.paces.patience)
        self._begun = _now()
        self._flooded: dict[int, float] = {}
        self._closed = False

    @asynccontextmanager
    async def turn(self, chat_id: int, priority: int) -> AsyncIterator[None]:
        """Wait until one message or edit may leave for a chat; inside is the call. Raises PacerClosed.

        The next turn of the chat comes a while after the call's end: one that is slow on its way, or
        whose answer was lost, must not arrive just before the next one.
        """
        line = self._line(chat_id)
        line.closed = self._closed
        async with line.door(priority):
            async with self._overall.door(priority):
                self._overall.hold(self.paces.overall)
            try:
                yield
            finally:
                line.hold(self.paces.of(chat_id))

    def free(self, chat_id: int) -> bool:
        """Tell whether a turn in that chat would come at once."""
        return chat_id not in self._chats or self._chats[chat_id].idle

    def hold(self, chat_id: int, seconds: float) -> None:
        """Leave a chat alone for a while (its last call failed)."""
        self._line(chat_id).hold(seconds)

    def _line(self, chat_id: int) -> _Line:
        """Return a chat's line; whenever there is a new one, those that nobody needs go.

        In a group, the process before this one may have used up the minute's messages.
        """
        if chat_id not in self._chats:
            self._chats = {chat: line for chat, line in self._chats.items() if not line.idle}
            line = self._chats[chat_id] = _Line(self.paces.patience)
            line.free_at = self._begun + self.paces.group if chat_id < 0 else 0.0
        return self._chats[chat_id]

    @property
    def lines(self) -> int:
        """How many chats have a line."""
        return len(self._chats)

    def flooded(self, chat_id: int, retry_after: float) -> None:
        """Obey a 429. When several chats get one at once, it is the bot that is too fast: all wait."""
        now = _now()
        seconds = retry_after + _MARGIN
        self.hold(chat_id, seconds)
        self._flooded = {chat: until for chat, until in self._flooded.items() if until > now}
        if self._flooded.keys() - {chat_id}:
            self._overall.hold(seconds)
        self._flooded[chat_id] = now + seconds

    def close(self) -> None:
        """Send everybody who waits home; nobody gets a turn any more."""
        self._closed = True
        for line in (*self._chats.values(), self._overall):
            line.closed = True
            line.call()


def _now() -> float:
    return asyncio.get_running_loop().time()
