"""What tests ask a helper process to do: well-behaved and badly behaved tasks."""

import os
import sys
import time
from pathlib import Path

NAME = f"{__name__}:"


def shout(order: bytes, body: bytes) -> bytes:
    return order + body.upper()


def refuse(order: bytes, body: bytes) -> bytes:
    raise ValueError(order + body)


def die(order: bytes, body: bytes) -> bytes:
    os._exit(3)


def hang(order: bytes, body: bytes) -> bytes:
    Path(order.decode()).touch()
    time.sleep(600)
    return b""


def pid(order: bytes, body: bytes) -> bytes:
    return str(os.getpid()).encode()


def chatter(order: bytes, body: bytes) -> bytes:
    sys.stdout.write("nobody asked\n")
    sys.stdout.flush()
    return order


def nonsense(order: bytes, body: bytes) -> bytes:
    """Write into every open pipe, the one of the replies among them."""
    for number in range(3, 20):
        try:
            os.write(number, b"\xff" * 64)
        except OSError:
            continue
    return order


def devour(order: bytes, body: bytes) -> bytes:
    return bytes(4 * 1024**3)


def knows(order: bytes, body: bytes) -> bytes:
    return " ".join([*os.environ, *os.environ.values()]).encode()


def loaded(order: bytes, body: bytes) -> bytes:
    return " ".join(sys.modules).encode()
