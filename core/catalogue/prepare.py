"""From candidates that passed the rails to the lines that are sent, and their fingerprint."""

import hashlib
from collections.abc import Iterable
from itertools import islice
from operator import itemgetter, le, lt

import msgspec

from core.catalogue.lines import Candidate, Line

_encoder = msgspec.json.Encoder()


def prepare(candidates: Iterable[Candidate], store_limit: int | None, default_limit: int) -> list[Line]:
    """Return the lines in numeric order of their codes; of a repeated code the last one counts.

    Limit per customer in pieces: the product's own when above 0, else the store's, else the
    integration's (`rules.md` 1.4).
    """
    fallback = store_limit or default_limit
    lines = [Line(c.code, c.base, c.final, c.limit or fallback) for c in candidates]
    keys = _keys(lines)
    if all(map(lt, keys, islice(keys, 1, None))):
        # As ERPs list them: in order, and none twice.
        return lines
    return in_order({line.code: line for line in lines}.values())


def _keys(lines: list[Line]) -> list[tuple[int, str]]:
    """Return what sorts codes as numbers."""
    codes = [line.code for line in lines]
    return list(zip(map(len, codes), codes, strict=True))


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Return the lines in numeric order of their codes."""
    listed = list(lines)
    keys = _keys(listed)
    if all(map(le, keys, islice(keys, 1, None))):
        return listed
    return [line for _, line in sorted(zip(keys, listed, strict=True), key=itemgetter(0))]


def canonical(ordered: list[Line]) -> bytes:
    """Return the JSON of lines that are in numeric order of their codes: the form that is kept.

    Prices enter as their text, so they need the two places that `Line` promises.
    """
    return _encoder.encode(ordered)


def digest(lines: Iterable[Line] | bytes) -> str:
    """Return the SHA-256 (hex) over the canonical form of the lines, whatever their order."""
    return hashlib.sha256(lines if isinstance(lines, bytes) else canonical(in_order(lines))).hexdigest()
