"""An authenticator app, as people carry it on their phones."""

import base64
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from sandbox.telegram import Message

STEP_SECONDS = 30


def code_of(key: str, now: datetime, steps: int = 0) -> str:
    """Return what an app with this key shows; `steps` says how far its clock is off."""
    app = TOTP(base64.b32decode(key), 6, SHA1(), STEP_SECONDS)
    return app.generate(now.timestamp() + steps * STEP_SECONDS).decode()


def key_in(picture: Message) -> str:
    """Return the key as it stands below the picture of it, by itself, to be copied."""
    (marked,) = [one for one in picture.entities if one["type"] == "code"]
    return picture.text[marked["offset"] :][: marked["length"]]
