"""What came back over HTTP, apart from the client, so that reading it needs no client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer; `headers` are case-insensitive, `retry_after` in seconds."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    took: timedelta
    retry_after: float | None
