"""The words of the audit: what was done, to what, from where."""

from core.configuration.wanted import Section
from core.configuration.writing import ENTITIES
from core.entities.audit import AuditLine
from core.forms.fields import worded
from core.history.words import SOURCES, author
from core.texts import T, Text
from handlers.dialogs.menu import Menu
from handlers.forms.differing import Teller, plainly, teller

KINDS: dict[str, Text] = {
    "store": T("🏪 Stores"),
    "integration": T("🔌 Integrations"),
    "channel": T("📣 Notifications"),
    "job": T("🗓 Jobs"),
    "person": T("👥 People"),
    "organisation": T("⚙️ Settings"),
    "hold": T("✋ Held"),
    "module": T("🧩 Modules"),
    "message": T("✉️ Messages"),
    "invitation": T("🔗 Invitations"),
    "access": T("🙋 Requests"),
}
_SECTIONS = {entity: section for section, entity in ENTITIES.items()}
_ENTITIES: dict[str, Text] = {
    "organisation": T("organisation"),
    "store": T("store"),
    "integration": T("integration"),
    "channel": T("channel"),
    "job": T("job"),
    "person": T("person"),
    "hold": T("held products"),
    "invitation": T("invitation link"),
    "access": T("request for access"),
    "module": T("module"),
    "message": T("message"),
}
_ACTIONS: dict[str, Text] = {
    "created": T("created"),
    "changed": T("changed"),
    "removed": T("removed"),
    "secrets_changed": T("gave new credentials for"),
    "needs_credentials": T("stopped, as the login was refused:"),
    "try_again": T("let try again"),
    "paused": T("paused sending:"),
    "debug": T("switched the detailed log of"),
    "resumed": T("resumed sending:"),
    "released": T("released"),
    "take_off": T("took a product off in"),
    "resend": T("sent again for"),
    "clear": T("cleared"),
    "claimed": T("claimed ownership:"),
    "granted": T("let in"),
    "refused": T("turned down"),
    "invited": T("made"),
    "revoked": T("revoked"),
    "joined": T("came in by a link:"),
    "pin_set": T("set a PIN:"),
    "app_set": T("set up an authenticator app:"),
    "pin_reset": T("took away the PIN of"),
    "app_reset": T("took away the authenticator app of"),
    "pin_paused": T("typed too many wrong PINs:"),
    "app_paused": T("typed too many wrong codes:"),
    "approved": T("approved"),
    "withdrawn": T("withdrew"),
    "sent_again": T("sent again"),
    "dropped": T("dropped"),
    "changed_outside": T("found changed on the server:"),
}


def action(line: AuditLine) -> Text:
    return _ACTIONS.get(line.action) or worded(line.action.replace("_", " "))


def source(line: AuditLine) -> Text:
    return SOURCES.get(line.source) or worded(line.source)


def subject(line: AuditLine) -> Text:
    """Return what something was done to, by its name of today where that is known."""
    kind = _ENTITIES.get(line.entity) or worded(line.entity)
    if line.name is not None:
        return T("{kind} “{name}”", kind=kind, name=line.name)
    return T("{kind} {number}", kind=kind, number=str(line.entity_id)) if line.entity_id is not None else kind


def headline(line: AuditLine) -> Text:
    """Return who did what to what, when and from where."""
    if line.actor in SOURCES:
        return T("{at} · {source}: {did} {what}", at=line.at, source=source(line), did=action(line), what=subject(line))
    return T(
        "{at} · {actor} {did} {what} ({source})",
        at=line.at,
        actor=author(line.actor),
        did=action(line),
        what=subject(line),
        source=source(line),
    )


class Tellers:
    """What puts the differences of entities into words; the form of each is loaded once."""

    def __init__(self, menu: Menu) -> None:
        self._menu = menu
        self._known: dict[tuple[Section, int], Teller] = {}

    async def of(self, line: AuditLine) -> Teller:
        section = _SECTIONS.get(line.entity)
        if section is None or line.entity_id is None or not line.difference.changes:
            return plainly
        key = (section, line.entity_id)
        if key not in self._known:
            self._known[key] = await teller(self._menu, *key)
        return self._known[key]
