"""The words about roles, and those that a newcomer is greeted with."""

from collections.abc import Sequence

from core.access import Role
from core.outbox.content import Choice, Draft
from core.texts import TN, T, Text

ROLES: dict[Role, Text] = {
    Role.VIEWER: T("viewer"),
    Role.MANAGER: T("manager"),
    Role.ADMIN: T("admin"),
    Role.OWNER: T("owner"),
}
_NAMED = 5
OPEN_MENU, FIRST_STEPS = "open_menu", "first_steps"
"""The actions of the buttons below a welcome."""
_BEGINNINGS: dict[Role, Text] = {
    Role.VIEWER: T(
        "/status tells how things stand and /history how runs went; /stores shows your stores and /product a price."
    ),
    Role.MANAGER: T(
        "/run starts a run of your stores and /pause stops their sending; /status and /history tell how it went."
    ),
    Role.ADMIN: T(
        "You can set up everything: stores, integrations, jobs, people. Begin with your PIN or app: /pin sets it."
    ),
    Role.OWNER: T("Set up the ERP, the platform, your stores and a job: then the first run can start."),
}


_MENU = Choice(T("🏠 Open the menu"), OPEN_MENU)
_STEPS = Choice(T("🚀 First steps"), FIRST_STEPS)


def welcome(role: Role, stores: Sequence[str] | None) -> Draft:
    """Return the first message to somebody who was let in; `stores` None means all."""
    lines = [T("You are in, as {role}. Welcome!", role=ROLES[role])]
    if stores is not None:
        lines.append(T("Your stores: {stores}", stores=shortened(stores)))
    lines += [_BEGINNINGS[role], T("/help shows what you can do here.")]
    return Draft(lines, choices=[[_MENU]])


def welcome_owner() -> Draft:
    """Return the first message to somebody whom the bot belongs to from now on."""
    lines = [T("This bot is yours now: you are its owner."), _BEGINNINGS[Role.OWNER]]
    return Draft([*lines, T("/help shows what you can do here.")], choices=[[_STEPS], [_MENU]])


def shortened(stores: Sequence[str]) -> Text:
    """Return the names of stores, of many the first ones and how many more."""
    names = T("{names}", names=list(stores[:_NAMED]))
    more = len(stores) - _NAMED
    return TN("{names} and {n} more", "{names} and {n} more", more, names=names) if more > 0 else names


def let_in(name: str, role: Role) -> Text:
    """Return what admins read of somebody whose request was granted."""
    return T("✅ {name} is in now, as {role}.", name=name, role=ROLES[role])


def turned_down(name: str) -> Text:
    """Return what admins read of somebody whose request was not granted."""
    return T("🚫 The request of {name} was refused.", name=name)
