"""How wide words are on a small phone: Telegram cuts what a button cannot hold, and breaks lines anywhere."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeVar

Thing = TypeVar("Thing")

ROW = 31.5
"""What a whole row of buttons on a small phone holds, in letters of the usual width."""
_HALF = 14.5
"""The same of half a row."""
_THIRD = 9.5
"""The same of a third."""
_LINE = 30.4
"""The same of a line of a message."""
_ROOM = {3: _THIRD, 2: _HALF, 1: float("inf")}
_BECOMES = " → "
_NARROW = frozenset("fijlrtI .,:;'|!-·()")
_WIDE = frozenset("mwMW@%")
_SIGNS = 0x2000
_LABELS = 2048


@lru_cache(maxsize=_LABELS)
def breadth(words: str) -> float:
    """Return how wide words are, in letters of the usual width; about right for any font."""
    return sum(map(_of, words))


def _of(letter: str) -> float:
    if letter in _NARROW:
        return 0.55
    if letter in _WIDE:
        return 1.55
    if ord(letter) > _SIGNS:
        return 0 if letter == "\ufe0f" else 2.1
    return 1.15 if letter.isupper() else 1


def fits_half(words: str) -> bool:
    """Tell whether words have room on half a row."""
    return breadth(words) <= _HALF


def fits_third(words: str) -> bool:
    """Tell whether words have room on a third of a row."""
    return breadth(words) <= _THIRD


def clipped(words: str, room: float) -> str:
    """Return words, or their beginning where the whole has no room: a sign says so, which a phone would not show."""
    kept = words
    while kept and breadth(kept if kept == words else f"{kept}…") > room:
        kept = kept[:-1]
    return kept if kept == words else f"{kept.rstrip()}…"


def clipped_apart(words: str, others: Iterable[str], room: float) -> str:
    """Return words as `clipped` does, but without a beginning by which others would look the same."""
    kept = clipped(words, room)
    alike = [one for one in others if one != words and clipped(one, room) == kept]
    if kept == words or not alike:
        return kept
    differs = max(_shared(words, one) for one in alike)
    word = words.rfind(" ", 0, differs) + 1
    start = word if breadth(words[word:differs]) < room / 2 else differs
    return clipped(f"…{words[start:]}", room)


def _shared(one: str, other: str) -> int:
    """Return how many letters two names have in common at their beginning."""
    return next(
        (place for place, pair in enumerate(zip(one, other, strict=False)) if len({*pair}) > 1),
        min(len(one), len(other)),
    )


def in_rows(things: Iterable[Thing], label: Callable[[Thing], str]) -> list[list[Thing]]:
    """Put things beside each other, two in a row, where the words of both fit."""
    rows: list[list[Thing]] = []
    room = False
    for thing in things:
        fits = fits_half(label(thing))
        if room and fits:
            rows[-1].append(thing)
        else:
            rows.append([thing])
        room = fits and len(rows[-1]) == 1
    return rows


def beside(words: Iterable[str]) -> str:
    """Put words beside each other, with a new line where a phone would break one of them in two."""
    lines: list[str] = []
    for one in words:
        longer = f"{lines[-1]} · {one}" if lines else one
        if lines and breadth(longer) <= _LINE:
            lines[-1] = longer
        else:
            lines.append(one)
    return "\n".join(lines)


def parted(change: str) -> str:
    """Put what something becomes on a line of its own, below what it was, where a line has no room for both."""
    before, arrow, after = change.partition(_BECOMES)
    if not arrow or breadth(change) <= _LINE:
        return change
    margin = " " * (len(before) - len(before.lstrip()))
    return f"{before}\n{margin}{_BECOMES.lstrip()}{after}"


def packed(things: Iterable[Thing], label: Callable[[Thing], str]) -> list[list[Thing]]:
    """Put things into few rows, the short ones first: up to three beside each other, where the words of all fit."""
    rows: list[list[Thing]] = []
    left = sorted(things, key=lambda thing: sum(breadth(label(thing)) > room for room in _ROOM.values()))
    while left:
        abreast = next(
            number for number, room in _ROOM.items() if all(breadth(label(one)) <= room for one in left[:number])
        )
        rows.append(left[:abreast])
        left = left[abreast:]
    return rows
