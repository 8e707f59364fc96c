"""The codes of authenticator apps (RFC 6238), as all apps know them: SHA-1, six digits, a new one in 30 seconds."""

import base64
import os
import re
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS = 30
_DIGITS = 6
_KEY_BYTES = 20
_FORM = re.compile(rf"[0-9]{{{_DIGITS}}}")
_NEAR = (0, -1, 1)
"""A phone's clock may be a step off, and a code a step old before it is sent."""


def new_key() -> str:
    """Return a new key, in the letters and digits that people may type into their app."""
    return base64.b32encode(os.urandom(_KEY_BYTES)).decode()


def address(key: str, issuer: str, account: str) -> str:
    """Return the address that a QR code holds; apps show who issued the key, and for which account."""
    made = _codes(key).get_provisioning_uri(_plain(account), _plain(issuer))
    # Apps read it as an address, where a plus is a plus and no blank.
    return made.replace("+", "%20")


def matching_step(key: str, code: str, now: datetime) -> int | None:
    """Return the step (of 30 seconds) whose code this is, of those near now; None for any other code."""
    typed = code.replace(" ", "")
    if not _FORM.fullmatch(typed):
        return None
    present, codes = int(now.timestamp()) // STEP_SECONDS, _codes(key)
    return next((present + off for off in _NEAR if _is(codes, typed, present + off)), None)


def _is(codes: TOTP, typed: str, step: int) -> bool:
    try:
        codes.verify(typed.encode(), step * STEP_SECONDS)
    except InvalidToken:
        return False
    return True


def _codes(key: str) -> TOTP:
    return TOTP(base64.b32decode(key), _DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - what apps understand


def _plain(name: str) -> str:
    """Return a name without the sign that parts the issuer from the account."""
    return name.replace(":", "")
