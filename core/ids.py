"""Identifiers that mean nothing by themselves."""

import secrets


def new_id() -> str:
    """Return 128 random bits as 22 URL-safe characters."""
    return secrets.token_urlsafe(16)
