"""What people type after a command."""

import shlex
from dataclasses import dataclass

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_DRY = frozenset({"dry", "dry-run", "--dry-run", "—dry-run", "dryrun"})


@dataclass(frozen=True, slots=True)
class Wish:
    """Which stores somebody named, and whether nothing shall be sent."""

    stores: list[str]
    dry_run: bool


def read_wish(text: str | None) -> Wish:
    """Read `dry 001 007`, `"001 Centro" 007` or `001 Centro, 007 Norte`."""
    words = _words((text or "").translate(_QUOTES).strip())
    dry = [word for word in words if word.lower() in _DRY]
    return Wish([word for word in words if word.lower() not in _DRY], bool(dry))


def _words(text: str) -> list[str]:
    if "," in text:
        first, *rest = (word.strip() for word in text.split(","))
        head, _, tail = first.partition(" ")
        marked = [head, tail.strip()] if head.lower() in _DRY else [first]
        return [word for word in (*marked, *rest) if word]
    try:
        return shlex.split(text)
    except ValueError:
        return text.replace('"', " ").split()
