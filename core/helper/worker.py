"""The helper process: takes errands from its standard input until that ends (`core.helper.process`).

It knows no secrets, opens nothing and keeps nothing but what its errands learn. Signals of the
group are not for it: the hub may still need it while it stops, and its end ends the helper too.
"""

import fcntl
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import import_module
from struct import Struct
from typing import BinaryIO, cast

from core.interpreter import settle

ERRAND = Struct(">HII")
"""Before each errand: how many bytes its task, its order and its body have."""
REPLY = Struct(">?I")
"""Before each reply: whether the errand was done, and how many bytes follow."""
_MOST_MEMORY = 1024 * 1024 * 1024

_POLITE = 10
"""Steps by which the hub goes first: it serves people, who must not wait for a page."""
_PIPE_BYTES = 1024 * 1024
"""A pipe that holds a whole page takes it in one piece; so much is allowed to everybody."""

Task = Callable[[bytes, bytes], bytes]


def widen(pipe: int) -> None:
    """Make a pipe large, where the system has such a thing."""
    with suppress(OSError, AttributeError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Do one errand after the other, until there is no more."""
    while len(head := source.read(ERRAND.size)) == ERRAND.size:
        name, order, body = (source.read(size) for size in ERRAND.unpack(head))
        done, made = _do(name, order, body)
        sink.write(REPLY.pack(done, len(made)) + made)


def _do(name: bytes, order: bytes, body: bytes) -> tuple[bool, bytes]:
    """Return what a task made, or the name of what went wrong: the hub then does it by itself."""
    try:
        return True, _task(name.decode())(order, body)
    except Exception as error:  # noqa: BLE001 - the edge of this process
        return False, type(error).__name__.encode()


@cache
def _task(name: str) -> Task:
    """Return a function by its `package.module:name`; only the hub's own code asks."""
    module, _, function = name.partition(":")
    return cast(Task, getattr(import_module(module), function))


def main() -> None:
    """Serve the hub that started this process."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    os.nice(_POLITE)
    replies = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    widen(replies)
    settle()
    with open(replies, "wb", buffering=0) as sink:  # noqa: PTH123 - an open file, no path
        serve(sys.stdin.buffer, cast(BinaryIO, sink))


if __name__ == "__main__":
    main()
