"""Times as the platform writes them, read tolerantly (`protocols/crescevendas.md` 1 and 3)."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

_BRAZILIAN = re.compile(r"(\d{2})/(\d{2})/(\d{4})[ T]+")
_SPACED_OFFSET = re.compile(r"\s+(?=[+-]\d{2}:?\d{2}$)")
_SHORTEST = len("2026-11-23T06:00")


class TimeReader:
    """Reads the times of one answer; what has no offset is in the platform's zone.

    A campaign's two times come with each of its lines, so every text is read once, and equal
    texts give the very same object.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.instants = _Instants(zone)

    def read(self, value: Any) -> datetime | None:
        """Return the instant in UTC, None for what is no point in time (a bare date is none)."""
        return self.instants[value] if isinstance(value, str) else None


class _Instants(dict[str, datetime | None]):
    """Texts and what they mean, found out when first asked for."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, text: str) -> datetime | None:
        instant = self[text] = self._parse(text.strip())
        return instant

    def _parse(self, text: str) -> datetime | None:
        text = _BRAZILIAN.sub(r"\3-\2-\1T", text, count=1)
        text = _SPACED_OFFSET.sub("", text.replace(" UTC", "Z"))
        if len(text) < _SHORTEST:
            return None
        try:
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
