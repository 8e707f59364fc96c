"""Who watches the chats: every new, edited and deleted message reaches every subscriber."""

import asyncio
from dataclasses import dataclass
from typing import Literal, Self
from weakref import WeakSet

from sandbox.telegram.model import Message

ChangeKind = Literal["new", "edited", "deleted"]


@dataclass(frozen=True)
class Change:
    kind: ChangeKind
    message: Message


class Subscription:
    """Changes from the moment it was made: `async for change in subscription`."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Change] = asyncio.Queue()

    def push(self, change: Change) -> None:
        self._queue.put_nowait(change)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        return await self._queue.get()


class Feed:
    """Forgets a subscription as soon as nobody holds it."""

    def __init__(self) -> None:
        self._subscriptions: WeakSet[Subscription] = WeakSet()

    def subscribe(self) -> Subscription:
        subscription = Subscription()
        self._subscriptions.add(subscription)
        return subscription

    def publish(self, kind: ChangeKind, message: Message) -> None:
        for subscription in list(self._subscriptions):
            subscription.push(Change(kind, message))
