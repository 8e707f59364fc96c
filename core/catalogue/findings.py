"""What a run found at one store, packed small: rejects, held lines, differences.

Lines themselves are kept under their digest (`LineList`) and names with the last scan.
Rejected codes are nearly always numbers in the tens of thousands: kept as sorted steps from
one to the next, they shrink to a tenth.
"""

import zlib
from collections.abc import Iterable
from itertools import accumulate
from operator import sub
from typing import cast

import msgspec
from sqlalchemy.orm import Session

from core.catalogue.codes import numerically
from core.catalogue.compare import Difference, in_window
from core.catalogue.lines import LiveLine, Reject
from core.catalogue.rails import HeldLine
from core.catalogue.sets import Rejects
from core.db.base import put_row, table_of
from core.executions.model import Finding
from core.windows import Window

_LEVEL = 1
_findings = table_of(Finding)
_encode = msgspec.json.Encoder().encode


class Seen(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the platform showed, against what ought to be live.

    `before` is the look before anything was sent (the only one of a comparison or dry run),
    `after` the last read-back. `live` are the live lines of codes that are not ours.
    """

    before: Difference | None = None
    after: Difference | None = None
    live: list[LiveLine] = []

    def then(self, later: "Seen | None") -> "Seen":
        """Return both looks as one; what was live in either is kept."""
        if later is None:
            return self
        lines = {line.code: line for line in (*self.live, *later.live)}
        return Seen(self.before, later.after, list(lines.values()))


class ScanFound(msgspec.Struct, frozen=True):
    """What became of the scanned products that are not among the lines."""

    rejects: dict[Reject, list[str]]
    held: list[HeldLine]


class _PackedScan(msgspec.Struct, frozen=True):
    """`rejects` by reason: steps between the numbers, then the codes that are no numbers."""

    rejects: dict[str, tuple[list[int], list[str]]]
    held: list[HeldLine]


_decode_scan = msgspec.json.Decoder(_PackedScan).decode
_decode_seen = msgspec.json.Decoder(Seen).decode


def strangers(difference: Difference, live: Iterable[LiveLine], window: Window) -> list[LiveLine]:
    """Return the live lines of codes that a comparison did not expect."""
    codes = {*difference.extra, *difference.others}
    return [line for line in in_window(live, window) if line.code in codes] if codes else []


def keep_scan(session: Session, execution_id: int, store_id: int, rejects: Rejects, held: Iterable[HeldLine]) -> None:
    """Keep what a run rejected and held at a store; a repeated scan replaces it."""
    packed = _PackedScan({reason.value: pack(codes) for reason, codes in rejects.items()}, list(held))
    key = {"execution_id": execution_id, "store_id": store_id}
    put_row(session, _findings, key, {"scan": zlib.compress(_encode(packed), _LEVEL)})


def keep_seen(session: Session, execution_id: int, store_id: int, seen: Seen) -> None:
    """Keep what the platform showed of a store."""
    key = {"execution_id": execution_id, "store_id": store_id}
    put_row(session, _findings, key, {"seen": zlib.compress(_encode(seen), _LEVEL)})


def load_finding(session: Session, execution_id: int, store_id: int) -> tuple[ScanFound, Seen]:
    """Return what a run found at a store; both are empty when it got nowhere."""
    row = session.get(Finding, (execution_id, store_id))
    scan = _PackedScan({}, []) if row is None or row.scan is None else _decode_scan(zlib.decompress(row.scan))
    seen = Seen() if row is None or row.seen is None else _decode_seen(zlib.decompress(row.seen))
    return ScanFound({Reject(name): unpack(*codes) for name, codes in scan.rejects.items()}, scan.held), seen


def pack(codes: Iterable[str | int]) -> tuple[list[int], list[str]]:
    """Return the steps between the codes that are numbers, and the other codes."""
    listed = list(codes)
    if set(map(type, listed)) == {int} and min(listed) >= 0:  # type: ignore[operator]  # all are numbers
        return _steps(cast(list[int], listed)), []
    numbers: list[int] = []
    words: list[str] = []
    for code in listed:
        text = str(code)
        if text.isascii() and text.isdigit() and (text == "0" or text[0] != "0"):
            numbers.append(int(text))
        else:
            words.append(text)
    return _steps(numbers), sorted(words)


def _steps(numbers: list[int]) -> list[int]:
    ordered = sorted(numbers)
    return list(map(sub, ordered, [0, *ordered]))


def unpack(steps: list[int], words: list[str]) -> list[str]:
    """Return the codes again, in numeric order."""
    return numerically([*map(str, accumulate(steps)), *words])
