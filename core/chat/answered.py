"""Whose answer has left: noted before it leaves, where a kill finds no way to it."""

import hashlib
import os
import struct
from pathlib import Path

import structlog

_RECORD = struct.Struct("<Q8s")
_RECORDS = 1024
"""So many at most may matter again: Telegram hands out a hundred updates at once."""
_BYTES = _RECORD.size * _RECORDS

log = structlog.get_logger(__name__)


class Answered:
    """Remembers the last answers to taps and inline questions, so that none is given by two processes.

    Telegram takes one answer to each, and brings an update again that a kill cut off. A commit for every
    tap would be dear: some bytes in a file of our own, which the system keeps when the process dies, are enough.
    After a power cut nobody waits for an answer any more.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._file, _BYTES)
        records = list(_RECORD.iter_unpack(os.pread(self._file, _BYTES, 0)))
        self._noted = max(number for number, _ in records)
        self._slots: list[bytes] = [sign for _, sign in records]
        self._signs = set(self._slots)

    def note(self, query_id: str) -> bool:
        """Note that the answer to a query is about to leave. False when one left before: then none may."""
        sign = _sign(query_id)
        if sign in self._signs:
            return False
        self._noted += 1
        slot = self._noted % _RECORDS
        self._signs.discard(self._slots[slot])
        self._signs.add(sign)
        self._slots[slot] = sign
        try:
            os.pwrite(self._file, _RECORD.pack(self._noted, sign), slot * _RECORD.size)
        except OSError as error:
            # Somebody waits: an answer that may be given twice is better than none.
            log.warning("answer_not_noted", detail=str(error))
        return True

    def left(self, query_id: str) -> bool:
        """Tell whether the answer to a query has left, as far as is still known."""
        return _sign(query_id) in self._signs

    def close(self) -> None:
        os.close(self._file)


def _sign(query_id: str) -> bytes:
    return hashlib.blake2b(query_id.encode(), digest_size=8).digest()
