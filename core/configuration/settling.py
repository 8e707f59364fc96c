"""Settles each section: overlays the document on what is stored, and notes every problem."""

from collections.abc import Sequence
from typing import Any, TypeVar

from core.access import Actor, Role
from core.channels.model import Channel
from core.configuration.credentials import SettingsSettler
from core.configuration.document import ConnectedEntry, StoreEntry
from core.configuration.modules import ModuleSettings, usable_modules
from core.configuration.problems import Path, Problems
from core.configuration.reading import Draft, Placed
from core.configuration.stored import (
    NEW_CHANNEL,
    NEW_CONNECTED,
    NEW_PERSON,
    NEW_STORE,
    Fields,
    Shelf,
    Stored,
    connected_fields,
    organisation_fields,
    person_fields,
    store_fields,
)
from core.configuration.wanted import Matched, Section, Wanted, given_fields, match_rows, merged
from core.connections.model import Integration
from core.connections.waiting import reason_of, waits
from core.organisations.model import Organisation
from core.people.model import Person
from core.secrets import SecretBox
from core.stores.model import Store
from core.texts import T, Text

C = TypeVar("C", Integration, Channel)
K = TypeVar("K", bound=ConnectedEntry)


def settle_organisation(draft: Draft, stored: Stored) -> Wanted[Organisation]:
    """Return the organisation as it shall be; null fields count as left out, but for what may be empty."""
    before = organisation_fields(stored.organisation)
    given = draft.organisation.model_dump(mode="json", exclude_unset=True)
    after = before | {key: value for key, value in given.items() if value is not None or key == "quiet_hours"}
    if after["name"] in stored.other_organisations:
        draft.problems.add(("organisation", "name"), T("another organisation is called “{name}”.", name=after["name"]))
    return Wanted(Section.ORGANISATION, before["name"], ("organisation",), stored.organisation, before, after)


def settle_stores(draft: Draft, stored: Stored) -> list[Wanted[Store]]:
    """Return the stores that the document names, as they shall be."""
    wanted = [_settle_store(item, draft.problems) for item in match_rows(draft.stores, stored.stores)]
    kept = set(stored.stores.live) - {item.before["name"] for item in wanted if item.before}
    _refuse_same_registration(wanted, [store_fields(stored.stores.live[name]) for name in kept], draft.problems)
    return wanted


def _settle_store(item: Matched[StoreEntry, Store], problems: Problems) -> Wanted[Store]:
    before = store_fields(item.row) if item.row is not None and not item.back else None
    new = NEW_STORE | {"cnpj": before["cnpj"] if before else None}
    if item.row is not None:
        # What says nothing of it, such as a version from before there was the switch, must not begin to send.
        new["cut_over"] = item.row.cut_over
    base = new if item.whole or before is None else before
    given = given_fields(item.entry, "cnpj")
    # Times by day are one value: a holiday that is no longer written is over.
    after = merged(base, given) | {key: given[key] for key in given if key == "opening"}
    if after["cnpj"] is None:
        problems.add((*item.path, "cnpj"), T("is missing. A new store needs it."))
    return Wanted(Section.STORES, item.entry.name, item.path, item.row, before, after)


def _refuse_same_registration(wanted: list[Wanted[Store]], kept: list[Fields], problems: Problems) -> None:
    """Two active stores with one registration would overwrite each other's campaign."""
    owners = {_registration(fields): fields["name"] for fields in kept if fields["active"]}
    for item in wanted:
        if not item.after["active"] or item.after["cnpj"] is None:
            continue
        owner = owners.setdefault(_registration(item.after), item.name)
        if owner != item.name:
            problem = T("the platform knows “{other}” by the same number. Each store needs its own.", other=owner)
            problems.add((*item.path, "cnpj"), problem)


def _registration(fields: Fields) -> str:
    return str(fields["platform_registration"] or fields["cnpj"])


class ConnectedSettler:
    """Settles integrations and channels."""

    def __init__(self, problems: Problems, modules: ModuleSettings, box: SecretBox, *, unfinished: bool) -> None:
        self._problems = problems
        self._modules = modules
        self._settings = SettingsSettler(problems, box, unfinished=unfinished)

    def settle(self, section: Section, placed: Sequence[Placed[K]], shelf: Shelf[C]) -> list[Wanted[C]]:
        """Return the good ones of a section as they shall be."""
        wanted = [self._one(section, item) for item in match_rows(placed, shelf)]
        return [item for item in wanted if item is not None]

    def _one(self, section: Section, item: Matched[K, C]) -> Wanted[C] | None:
        row = item.row if not item.back else None
        before = connected_fields(row) if row is not None else None
        given = given_fields(item.entry, "module")
        module = self._module(section, before, given, item.path)
        if module is None:
            return None
        path = (*item.path, "settings")
        model = self._modules.settings_model(module)
        settled = self._settings.settle(model, given.get("settings", {}), row, path, whole=item.whole)
        if settled is None:
            return None
        new = NEW_CHANNEL if section is Section.CHANNELS else NEW_CONNECTED
        base = (before or {}) | new if item.whole or before is None else before
        after = base | given | {"settings": settled.settings}
        if "templates" in given:
            after["templates"] = _filled(merged(base["templates"], given["templates"]))
        if settled.missing:
            after["enabled"] = False
        elif row is not None and waits(reason_of(row)) and settled.secrets and "enabled" not in given:
            after["enabled"] = True
        return Wanted(section, item.entry.name, item.path, item.row, before, after, settled.secrets, settled.missing)

    def _module(self, section: Section, before: Fields | None, given: Fields, path: Path) -> str | None:
        """Return the entry's module if it is known, of the right kind, and the one it always was."""
        module: str | None = given.get("module", before["module"] if before else None)
        names = usable_modules(self._modules, channels=section is Section.CHANNELS)
        if module is None:
            problem = T("is missing. Modules: {names}.", names=names)
        elif module not in names:
            problem = self._unusable(module, names)
        elif before is not None and module != before["module"]:
            problem = T("is “{module}” and stays so. Make a new entry with another name.", module=before["module"])
        else:
            return module
        self._problems.add((*path, "module"), problem)
        return None

    def _unusable(self, module: str, names: list[str]) -> Text:
        if (trouble := self._modules.trouble(module)) is not None:
            return trouble
        return T("there is no module “{module}” for this. Modules: {names}.", module=module, names=names)


def _filled(templates: Fields) -> Fields:
    """Return templates by event in one order, without those that were taken back."""
    return {key: templates[key] for key in sorted(templates) if templates[key] is not None}


class UserSettler:
    """Settles people; the actor gives and takes roles up to the own one."""

    def __init__(self, draft: Draft, stored: Stored, actor: Actor, store_names: set[str], tags: frozenset[str]) -> None:
        self._draft = draft
        self._problems = draft.problems
        self._stored = stored
        self._actor = actor
        self._store_names = store_names
        self._tags = tags

    def settle(self, names_by_id: dict[int, str]) -> list[Wanted[Person]]:
        """Return the people whom the document names; `names_by_id` are the stores' coming names."""
        wanted = []
        for placed in self._draft.users:
            row = self._stored.people.get(placed.entry.telegram_id)
            before = person_fields(row, names_by_id) if row is not None and row.active else None
            given = placed.entry.model_dump(mode="json", exclude_unset=True)
            given = {key: value for key, value in given.items() if value is not None or key in NEW_PERSON}
            after = ((before or {}) | NEW_PERSON if placed.whole or before is None else before) | given
            self._check(before, after, placed.path)
            shown = str(after.get("name", placed.entry.telegram_id))
            wanted.append(Wanted(Section.USERS, shown, placed.path, row, before, after))
        return wanted

    def _check(self, before: Fields | None, after: Fields, path: Path) -> None:
        for key in ("name", "role"):
            if key not in after:
                self._problems.add((*path, key), T("is missing. A new user needs it."))
        roles = [Role.named(fields["role"]) for fields in (before, after) if fields and "role" in fields]
        if before != after and any(role > self._actor.role for role in roles):
            problem = T("you may give and change roles up to your own, {role}.", role=self._actor.role.key)
            self._problems.add((*path, "role"), problem)
        if after["blocked"] and after["telegram_id"] == self._actor.telegram_id:
            self._problems.add((*path, "blocked"), T("you cannot take away your own access. Ask another admin."))
        self._check_scope(before["stores"] if before else None, after["stores"], path)

    def _check_scope(self, before: Any, after: Any, path: Path) -> None:
        """Refuse stores and tags that nobody knows; a tag that was there before may have lost its stores since."""
        names = after.get("names", ()) if isinstance(after, dict) else after or ()
        for index, name in enumerate(names):
            if name not in self._store_names:
                self._problems.add((*path, "stores", index), T("there is no store “{name}”.", name=name))
        tags = after["tags"] if isinstance(after, dict) else ()
        known = self._tags.union(before["tags"] if isinstance(before, dict) else ())
        for index, tag in enumerate(tags):
            if tag not in known:
                self._problems.add((*path, "stores", "tags", index), T("no store has the tag “{tag}”.", tag=tag))
