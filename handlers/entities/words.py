"""The words for each kind of entity."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.access import Role
from core.configuration.wanted import Section
from core.entities.viewing import Item as Entity
from core.forms.fields import worded
from core.people.words import ROLES
from core.texts import T, Text
from handlers.dialogs.page import headed


@dataclass(frozen=True, slots=True)
class Words:
    """How a kind is called in headings, with how many there are, and on the button that makes one."""

    icon: str
    several: Text
    none: Text
    new: Text


WORDS: dict[Section, Words] = {
    Section.STORES: Words(
        "🏪",
        T("Stores"),
        T("There is no store yet. Add the first one, or send them all as a spreadsheet."),
        T("🆕 New store"),
    ),
    Section.INTEGRATIONS: Words(
        "🔌",
        T("Integrations"),
        T("There is no integration yet. Add the ERP first, then the platform."),
        T("🆕 New integration"),
    ),
    Section.CHANNELS: Words(
        "📣", T("Notification channels"), T("There is no channel yet. Add one to tell a group."), T("🆕 New channel")
    ),
    Section.JOBS: Words("🗓", T("Jobs"), T("There is no job yet. Add the daily sync."), T("🆕 New job")),
    Section.USERS: Words("👥", T("People"), T("There is nobody yet."), T("🆕 New person")),
    Section.ORGANISATION: Words("⚙️", T("Organisation"), T("There is nothing here yet."), T("🆕 Add")),
}


def heading(section: Section, total: int) -> Text:
    """Return the heading of a list, with how many there are."""
    words = WORDS[section]
    return headed(T("{icon} {kind}", icon=words.icon, kind=words.several), total)


def label(entity: Entity) -> Text:
    """Return an entity's name with a mark for its state: works, off, in trouble."""
    mark = "⚠️" if entity.trouble is not None else ("✅" if entity.on else "💤")
    return T("{mark} {name}", mark=mark, name=entity.name)


def person_label(person: Entity, since: Text) -> Text:
    """Return a person's name with the role and when they wrote last; one who is blocked is marked."""
    mark = "✅" if person.on else "🚫"
    role = role_label(str(person.fields["role"]))
    return T("{mark} {name} · {role} · {since}", mark=mark, name=person.name, role=role, since=since)


def state_line(*, on: bool, trouble: Text | None) -> Text:
    if trouble is not None:
        return T("⚠️ Does not work: {trouble}", trouble=trouble)
    return T("✅ Switched on") if on else T("💤 Switched off")


def kind_label(name: str, titles: Mapping[str, str]) -> Text:
    """Return what a job type is called, or a module by its own name among `titles`."""
    if name in JOB_TYPES:
        return JOB_TYPES[name]
    if name in titles:
        return T("{name}", name=titles[name])
    return worded(name.replace("_", " ").replace("-", " ").capitalize())


def role_label(name: str) -> Text:
    return ROLES[Role.named(name)]


JOB_TYPES: dict[str, Text] = {
    "sync_products": T("Send today's discounts"),
    "compare_data": T("Compare ERP and platform"),
    "cleanup": T("Remove what is old"),
}
