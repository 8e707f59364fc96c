"""What people read when something broke: no traceback, but the number under which it is logged."""

import structlog

from core.texts import T, Text


def apology() -> Text:
    """Return the words for whoever met an unexpected error, which the caller logs."""
    number = structlog.contextvars.get_contextvars().get("correlation_id", "?")
    return T("Sorry, that went wrong on my side. An admin finds it in the log under {number}.", number=number)
