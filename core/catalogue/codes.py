"""Product codes: text without leading zeros, sorted as the numbers they almost always are."""

from collections.abc import Iterable


def numerically(codes: Iterable[str]) -> list[str]:
    """Return the codes in numeric order: 9 before 10; among equal lengths as text."""
    return sorted(codes, key=numeric_key)


def numeric_key(code: str) -> tuple[int, str]:
    """Sort key of a code without leading zeros; codes with letters still have a fixed place."""
    return len(code), code
