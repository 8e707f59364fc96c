"""Identifiers that mean nothing by themselves."""

import hashlib
import secrets


def new_id() -> str:
    """Return 128 random bits as 22 URL-safe characters."""
    return secrets.token_urlsafe(16)


def hashed(code: str) -> str:
    """Return what is kept of a code of 128 random bits."""
    return hashlib.sha256(code.encode()).hexdigest()
