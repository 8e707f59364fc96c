"""Secrets at rest (X-5): authenticated encryption, bound to the place where it is stored.

A sealed value names its table and field inside, so that a value copied from one column to
another does not open there. Several keys allow rotation: the first one seals, all open.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from core.errors import StartError
from core.texts import T

KEY_FILE = "secret.key"
_OTHERS = 0o077
_END_OF_PLACE = "\0"


class SealBroken(Exception):
    """A sealed value does not open: other key, other place, or damaged."""


class SecretBox:
    """Seals and opens secrets. Never shows its keys."""

    def __init__(self, keys: str) -> None:
        """Take one or several comma-separated Fernet keys, newest first. Raises StartError."""
        try:
            known = [Fernet(key.strip()) for key in keys.split(",") if key.strip()]
            self._fernet = MultiFernet(known)
        except ValueError:
            raise StartError(
                T(
                    "The secret key is not usable. CHIMERA_SECRET_KEY takes one or several keys, separated"
                    " by commas; each is 32 bytes in URL-safe base64 (44 characters)."
                )
            ) from None
        self._first = known[0]

    def __repr__(self) -> str:
        return "SecretBox(••••)"

    @classmethod
    def open_at(cls, folder: Path, keys: str | None = None) -> "SecretBox":
        """Use `keys` if given, else the key file of the data folder, made at first use (mode 0600)."""
        if keys and keys.strip():
            return cls(keys)
        return cls(_read_or_make(folder / KEY_FILE))

    @staticmethod
    def new_key() -> str:
        return Fernet.generate_key().decode()

    def seal(self, secret: str, place: str) -> str:
        """Encrypt a secret for `place`, such as `integrations.settings`."""
        return self._fernet.encrypt(f"{place}{_END_OF_PLACE}{secret}".encode()).decode()

    def open(self, token: str, place: str) -> str:
        """Return the secret that was sealed for `place`. Raises SealBroken."""
        try:
            found, _, secret = self._fernet.decrypt(token.encode()).decode().partition(_END_OF_PLACE)
        except InvalidToken:
            raise SealBroken(f"A secret of {place} does not open with the present key") from None
        if found != place:
            raise SealBroken(f"A secret of {place} was sealed for another place")
        return secret

    def rotate(self, token: str) -> str:
        """Return the content sealed with the first key; what is so already stays as it is. Raises SealBroken."""
        with suppress(InvalidToken):
            self._first.decrypt(token.encode())
            return token
        try:
            return self._fernet.rotate(token.encode()).decode()
        except InvalidToken:
            raise SealBroken("A secret does not open with any key, nothing was changed") from None

    def check(self, stored: Iterable[str]) -> None:
        """Refuse to start when a stored value does not open: a key must be missing, or be another one."""
        try:
            for token in stored:
                self._fernet.decrypt(token.encode())
        except InvalidToken:
            raise StartError(
                T(
                    "The stored secrets do not open with this key. Set CHIMERA_SECRET_KEY to the key they"
                    " were sealed with, or put back the file secret.key of the data folder. To change the"
                    " key, name the new one first and the old one after a comma."
                )
            ) from None


def _read_or_make(path: Path) -> str:
    try:
        with suppress(FileNotFoundError):
            return _read(path)
        _make(path)
        return _read(path)
    except OSError as error:
        raise StartError(
            T("The key file {path} cannot be used: {reason}.", path=str(path), reason=error.strerror or "?")
        ) from error


def _read(path: Path) -> str:
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        raise StartError(T("Others can read the key file {path}. Take their rights away: chmod 600", path=str(path)))
    return path.read_text(encoding="ascii", errors="replace").strip()


def _make(path: Path) -> None:
    """Write a new key whole or not at all; the first of two processes wins.

    Temporary files are private from the start. Where a file system has no hard links, the
    data folder's lock keeps a second process away.
    """
    with NamedTemporaryFile("w", dir=path.parent, prefix=".secret", delete=False) as file:
        file.write(SecretBox.new_key() + "\n")
        file.flush()
        os.fsync(file.fileno())
    new = Path(file.name)
    try:
        path.hardlink_to(new)
    except FileExistsError:
        pass
    except OSError:
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
