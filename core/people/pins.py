"""PINs: which may be one, and how they are kept: as a salted slow hash, never in clear."""

import hashlib
import hmac
import os
import re

from core.errors import BadInput
from core.texts import T

_FORM = re.compile(r"[0-9]{6,12}")
_SALT_BYTES = 16
_COST = {"n": 2**14, "r": 8, "p": 1}
_RUNS = "01234567890123456789"


def check_form(pin: str) -> None:
    """Raise BadInput for what is no PIN, or one that is too easy to guess."""
    if not _FORM.fullmatch(pin):
        raise BadInput(T("A PIN is 6 to 12 digits. Type another one."))
    if len(set(pin)) == 1 or pin in _RUNS or pin[::-1] in _RUNS:
        raise BadInput(T("That PIN is too easy to guess. Type another one."))


def hashed(pin: str) -> str:
    """Return what is kept of a PIN. Slow on purpose: call it in a thread."""
    return _hashed(pin, os.urandom(_SALT_BYTES))


def fits(pin: str, kept: str) -> bool:
    """Tell whether a typed PIN is the one that this is kept of; slow too."""
    salt, _, _ = kept.partition("$")
    return hmac.compare_digest(_hashed(pin, bytes.fromhex(salt)), kept)


def _hashed(pin: str, salt: bytes) -> str:
    key = hashlib.scrypt(pin.encode(), salt=salt, n=_COST["n"], r=_COST["r"], p=_COST["p"])
    return f"{salt.hex()}${key.hex()}"
