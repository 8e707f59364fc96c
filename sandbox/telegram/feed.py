"""Who watches the chats: every new, edited and deleted message reaches every subscriber."""

import asyncio
from dataclasses import dataclass
from typing import Any, Generic, Literal, Self, TypeVar
from weakref import WeakSet

from sandbox.telegram.model import Message

ChangeKind = Literal["new", "edited", "deleted"]


@dataclass(frozen=True)
class Change:
    kind: ChangeKind
    message: Message


@dataclass(frozen=True)
class News:
    """Anything else a page shows: somebody types, a chat changed, a tap was answered."""

    kind: str
    about: dict[str, Any]


Item = TypeVar("Item")


class Subscription(Generic[Item]):
    """What happens from the moment it was made: `async for change in subscription`."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Item] = asyncio.Queue()

    def push(self, item: Item) -> None:
        self._queue.put_nowait(item)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        return await self._queue.get()


class Feed:
    """Forgets a subscription as soon as nobody holds it."""

    def __init__(self) -> None:
        self._messages: WeakSet[Subscription[Change]] = WeakSet()
        self._everything: WeakSet[Subscription[Change | News]] = WeakSet()

    def subscribe(self) -> Subscription[Change]:
        subscription: Subscription[Change] = Subscription()
        self._messages.add(subscription)
        return subscription

    def subscribe_to_all(self) -> Subscription[Change | News]:
        subscription: Subscription[Change | News] = Subscription()
        self._everything.add(subscription)
        return subscription

    def publish(self, kind: ChangeKind, message: Message) -> None:
        change = Change(kind, message)
        for subscription in list(self._messages):
            subscription.push(change)
        for watcher in list(self._everything):
            watcher.push(change)

    def announce(self, kind: str, **about: Any) -> None:
        for watcher in list(self._everything):
            watcher.push(News(kind, about))
