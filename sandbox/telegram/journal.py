"""What the bot did (calls) and what it should not have done (violations)."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """One Bot API call; `status` 0 means the connection was cut without an answer."""

    method: str
    params: dict[str, Any]
    status: int
    at: float
    description: str = ""


@dataclass(frozen=True)
class Violation:
    """Something a real server or a strict judge objects to; `at` in epoch seconds."""

    kind: str
    method: str
    detail: str
    at: float
    params: dict[str, Any] = field(default_factory=dict)
