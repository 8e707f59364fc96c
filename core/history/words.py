"""Who did something, in words: people by their name, all else by where it came from."""

from core.texts import T, Text

SOURCES: dict[str, Text] = {
    "chat": T("chat"),
    "cli": T("command line"),
    "schedule": T("schedule"),
    "job": T("run"),
    "start": T("start"),
}
"""Where actors come from. One that is nobody's is called as its source."""


def author(name: str) -> Text:
    """Return what somebody or something is called that did something."""
    return SOURCES.get(name) or T("{name}", name=name or "—")
