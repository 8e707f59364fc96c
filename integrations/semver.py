"""Versions by SemVer 2.0 and ranges over them (MO-1), such as `>=1.2, <2` or `^1.4.0`."""

import re
from dataclasses import dataclass
from functools import total_ordering
from typing import Self

_NUMBER = r"0|[1-9]\d*"
_WORD = r"(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-({_WORD}(?:\.{_WORD})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_BOUND = re.compile(r"(>=|<=|>|<|==|=|\^|~)?\s*v?(\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z.-]+)?)")


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A version; build metadata is not kept, as it has no part in the order."""

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `1.2.3` or `1.2.3-rc.1`. Raises ValueError."""
        match = _VERSION.fullmatch(text)
        if match is None:
            raise ValueError(f"“{text}” is no version: write three numbers, such as 1.4.0 or 2.0.0-rc.1")
        major, minor, patch, pre = match.groups()
        return cls(int(major), int(minor), int(patch), tuple(pre.split(".")) if pre else ())

    def __str__(self) -> str:
        numbers = f"{self.major}.{self.minor}.{self.patch}"
        return f"{numbers}-{'.'.join(self.pre)}" if self.pre else numbers

    def __lt__(self, other: "Version") -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[object, ...]:
        words = tuple((0, int(word), "") if word.isdecimal() else (1, 0, word) for word in self.pre)
        return self.major, self.minor, self.patch, not self.pre, words


@dataclass(frozen=True, slots=True)
class Range:
    """All bounds must hold. A pre-release counts as the version it leads to."""

    bounds: tuple[tuple[str, Version], ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read bounds separated by commas or spaces; `*` is any version. Raises ValueError."""
        bounds: list[tuple[str, Version]] = []
        rest = text.strip()
        while rest and rest != "*":
            match = _BOUND.match(rest)
            if match is None:
                raise ValueError(f"“{text}” is no range of versions: write for example >=1.2.0, <2.0.0")
            bounds += _bounds(match[1] or "=", match[2])
            rest = rest[match.end() :].lstrip(" ,")
        if not bounds and rest != "*":
            raise ValueError("The range of versions is empty: write for example >=1.2.0, or * for any")
        return cls(tuple(bounds))

    def __contains__(self, version: Version) -> bool:
        release = Version(version.major, version.minor, version.patch)
        return all(_holds(release, sign, bound) for sign, bound in self.bounds)


def _bounds(sign: str, text: str) -> list[tuple[str, Version]]:
    numbers, dash, pre = text.partition("-")
    given = [int(number) for number in numbers.split(".")]
    major, minor, patch = (*given, 0, 0)[:3]
    low = Version.parse(f"{major}.{minor}.{patch}{dash}{pre}")
    match sign:
        case "^":
            return [(">=", low), ("<", _after_caret(major, minor, patch))]
        case "~":
            return [(">=", low), ("<", Version(major + 1, 0, 0) if len(given) == 1 else Version(major, minor + 1, 0))]
        case "==":
            return [("=", low)]
        case _:
            return [(sign, low)]


def _after_caret(major: int, minor: int, patch: int) -> Version:
    """Return the first version that may break: the leftmost number that is not 0 changes."""
    if major:
        return Version(major + 1, 0, 0)
    return Version(0, minor + 1, 0) if minor else Version(0, 0, patch + 1)


def _holds(version: Version, sign: str, bound: Version) -> bool:
    match sign:
        case ">=":
            return version >= bound
        case ">":
            return version > bound
        case "<=":
            return version <= bound
        case "<":
            return version < bound
        case _:
            return version == bound
