"""The words about roles, and those that a newcomer is greeted with."""

from collections.abc import Sequence

from core.access import Role
from core.outbox.content import Draft
from core.texts import TN, T, Text

ROLES: dict[Role, Text] = {
    Role.VIEWER: T("viewer"),
    Role.MANAGER: T("manager"),
    Role.ADMIN: T("admin"),
    Role.OWNER: T("owner"),
}
_NAMED = 5


def welcome(role: Role, stores: Sequence[str] | None) -> Draft:
    """Return the first message to somebody who was let in; `stores` None means all."""
    lines = [T("You are in, as {role}. Welcome!", role=ROLES[role])]
    if stores is not None:
        lines.append(T("Your stores: {stores}", stores=shortened(stores)))
    return Draft([*lines, T("/help shows what you can do here.")])


def shortened(stores: Sequence[str]) -> Text:
    """Return the names of stores, of many the first ones and how many more."""
    names = T("{names}", names=list(stores[:_NAMED]))
    more = len(stores) - _NAMED
    return TN("{names} and {n} more", "{names} and {n} more", more, names=names) if more > 0 else names
