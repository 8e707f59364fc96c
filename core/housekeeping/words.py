"""What a cleanup came to, in words."""

from collections.abc import Mapping

from core.housekeeping.purging import Freed
from core.texts import TN, T, Text

_NAMES: dict[str, Text] = {
    "logs": T("log lines"),
    "messages": T("messages"),
    "buttons": T("buttons"),
    "invitations": T("invitations"),
    "prepared": T("prepared lists"),
    "verified": T("verified lists"),
    "lists": T("lists of products"),
    "executions": T("runs"),
    "versions": T("versions"),
    "audit": T("audit entries"),
}
_UNITS = ("KB", "MB", "GB")
_STEP = 1024


def told(counts: Mapping[str, Freed], *, dry_run: bool) -> list[Text]:
    """Say how many rows and bytes went (would go, in a dry run), and of which kinds."""
    total = sum(counts.values(), Freed())
    if not total.rows:
        return [T("Nothing is old enough to be removed.")]
    parts = [T("{what}: {n}", what=name, n=counts[kind].rows) for kind, name in _NAMES.items() if kind in counts]
    size = say_size(total.size)
    if dry_run:
        head = TN("{n} row would go, about {size}.", "{n} rows would go, about {size}.", total.rows, size=size)
        return [head, T("Nothing was removed: this was a dry run."), T("{parts}.", parts=parts)]
    head = TN("{n} row removed, about {size} freed.", "{n} rows removed, about {size} freed.", total.rows, size=size)
    return [head, T("{parts}.", parts=parts)]


def say_size(size: int) -> Text:
    """Say a number of bytes in the largest unit of which there is at least one; KB at least."""
    amount, unit = size / _STEP, _UNITS[0]
    for larger in _UNITS[1:]:
        if amount < _STEP:
            break
        amount, unit = amount / _STEP, larger
    return T("{number}\u00a0{sign}", number=round(amount, 1), sign=unit)
