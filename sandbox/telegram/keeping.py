"""How much of the past is kept: a demo may run for days."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Keep:
    """The most that is kept: messages of each chat, calls and other notes, bytes of files in all."""

    messages: int = 5_000
    notes: int = 20_000
    file_bytes: int = 100 * 1024 * 1024


def trim(noted: list[Any], most: int) -> None:
    """Forget the older half of a list that has grown too long."""
    if len(noted) > most:
        del noted[: len(noted) - most // 2]


def forget_oldest(kept: dict[Any, Any], most: int, spare: Callable[[Any], bool] = lambda _key: False) -> None:
    """Forget the oldest entries above the most, except those to be spared."""
    if len(kept) > most:
        for key in [key for key in kept if not spare(key)][: len(kept) - most]:
            del kept[key]
