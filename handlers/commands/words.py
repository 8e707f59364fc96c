"""What people type after a command."""

import shlex
from dataclasses import dataclass

from core.forms.words import folded

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_DRY = frozenset({"dry", "dry-run", "--dry-run", "—dry-run", "dryrun", "simular", "simulacao", "simulacion"})
"""What asks for a dry run, in any of the languages and without accents."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which stores somebody named, and whether nothing shall be sent."""

    stores: list[str]
    dry_run: bool


def read_wish(text: str | None) -> Wish:
    """Read `dry 001 007`, `"001 Centro" 007` or `001 Centro, 007 Norte`."""
    words = _words((text or "").translate(_QUOTES).strip())
    dry = [word for word in words if folded(word) in _DRY]
    return Wish([word for word in words if folded(word) not in _DRY], bool(dry))


def _words(text: str) -> list[str]:
    if "," in text:
        first, *rest = (word.strip() for word in text.split(","))
        head, _, tail = first.partition(" ")
        marked = [head, tail.strip()] if folded(head) in _DRY else [first]
        return [word for word in (*marked, *rest) if word]
    try:
        return shlex.split(text)
    except ValueError:
        return text.replace('"', " ").split()
