"""What applying a document would do, in words. Of secrets only that they change is told."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import zip_longest
from typing import Any

from core.cnpj import format_cnpj
from core.configuration.deciding import Decision
from core.configuration.stored import Fields
from core.configuration.wanted import Row, Section, Wanted
from core.people.model import Person
from core.redact import MASK
from core.texts import TN, T, Text

_LONGEST_SHOWN = 80
_KINDS = {
    Section.ORGANISATION: T("organisation"),
    Section.STORES: T("store"),
    Section.INTEGRATIONS: T("integration"),
    Section.CHANNELS: T("channel"),
    Section.JOBS: T("job"),
    Section.USERS: T("user"),
}


class Kind(StrEnum):
    """What happens to an entity."""

    CREATE = "create"
    CHANGE = "change"
    RENAME = "rename"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, such as `settings.page_size`, and how its value is shown before and after."""

    field: str
    before: Text
    after: Text

    def line(self) -> Text:
        return T("{field}: {before} → {after}", field=self.field, before=self.before, after=self.after)


@dataclass(frozen=True, slots=True)
class Change:
    """One entity that changes. A rename may change fields too; `missing` are secrets to be given later.

    `before` and `after` are both states in the document's words; of what is created or removed one is empty.
    """

    kind: Kind
    section: Section
    name: str
    old_name: str | None = None
    fields: list[FieldChange] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    before: Fields = field(default_factory=dict)
    after: Fields = field(default_factory=dict)

    def lines(self, words: "Words | None" = None) -> Iterator[Text]:
        """Yield the headline and a line for each field of what existed before."""
        words = words or Words()
        what = _KINDS[self.section]
        match self.kind:
            case Kind.CREATE:
                yield T("+ create {what} “{name}”", what=what, name=self.name)
            case Kind.REMOVE:
                yield T("- remove {what} “{name}”", what=what, name=self.name)
            case Kind.RENAME:
                yield T("~ rename {what} “{old}” to “{name}”", what=what, old=self.old_name or "", name=self.name)
            case Kind.CHANGE:
                yield T("~ change {what} “{name}”", what=what, name=self.name)
        for line in words.changed(self):
            yield T("    {line}", line=line)
        if self.missing:
            left_out = [words.named(self, one) for one in self.missing]
            yield T("    switched off until you give it what the file leaves out: {fields}", fields=left_out)

    def field_lines(self) -> list[Text]:
        """Return a line for each field that changes, the name first."""
        return [change.line() for change in self.all_fields()]

    def all_fields(self) -> list[FieldChange]:
        """Return the fields that change, a new name among them."""
        if self.old_name is None:
            return self.fields
        return [FieldChange("name", _shown(self.old_name), _shown(self.name)), *self.fields]


class Words:
    """How fields are told: these are the document's own words, for who writes one."""

    def changed(self, change: Change) -> list[Text]:
        """Return a line for each field that changes, but for a new name."""
        return [one.line() for one in change.fields]

    def named(self, change: Change, secret: str) -> Text:
        """Return what a secret of its settings is called."""
        del change
        return T("{value}", value=secret)


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes in the document's order. `kept` counts stored entities that its sections leave out."""

    changes: list[Change]
    unchanged: int
    kept: dict[Section, int] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not self.changes

    @property
    def fingerprint(self) -> str:
        """Tell this plan from any other."""
        lines = json.dumps([line.to_json() for line in self.lines()], sort_keys=True)
        return hashlib.sha256(lines.encode()).hexdigest()

    def count(self, kind: Kind) -> int:
        return sum(change.kind is kind for change in self.changes)

    def lines(self, words: Words | None = None) -> list[Text]:
        """Return the plan line by line, the sum at the end."""
        lines = [line for change in self.changes for line in change.lines(words)]
        if kept := sum(self.kept.values()):
            lines.append(
                TN(
                    "{n} entry that the file leaves out stays as it is.",
                    "{n} entries that the file leaves out stay as they are.",
                    kept,
                )
            )
        lines.append(self._sum())
        return lines

    def _sum(self) -> Text:
        if self.empty:
            return T("Nothing to do: everything is as the file says.")
        sums = [
            T("{n} to create", n=self.count(Kind.CREATE)),
            T("{n} to change", n=self.count(Kind.CHANGE) + self.count(Kind.RENAME)),
            T("{n} to remove", n=self.count(Kind.REMOVE)),
            T("{n} unchanged", n=self.unchanged),
        ]
        return T("{sums}.", sums=[one for one in sums if one.params["n"]])


def make_plan(decision: Decision, *, prune: bool) -> Plan:
    """Describe a decision; with `prune`, what its sections leave out is removed."""
    wanted = decision.wanted()
    changes = [_change(item) for item in wanted if item.changed]
    removed = [_removal(section, row) for section, rows in decision.absent.items() for row in rows] if prune else []
    kept = {} if prune else {section: len(rows) for section, rows in decision.absent.items()}
    return Plan(changes + removed, sum(not item.changed for item in wanted), kept)


def _removal(section: Section, row: Row) -> Change:
    return Change(Kind.REMOVE, section, row.name)


def _change(item: Wanted[Row]) -> Change:
    if item.before is None:
        return Change(Kind.CREATE, item.section, item.name, missing=item.missing, after=item.after)
    fields = list(differences(item.before, item.after)) + list(_secret_changes(item))
    if item.renamed and not isinstance(item.row, Person):
        fields = [change for change in fields if change.field != "name"]
        names = str(item.after["name"]), str(item.before["name"])
        return Change(Kind.RENAME, item.section, *names, fields, item.missing, item.before, item.after)
    return Change(Kind.CHANGE, item.section, item.name, None, fields, item.missing, item.before, item.after)


def _secret_changes(item: Wanted[Row]) -> Iterator[FieldChange]:
    known = getattr(item.row, "secrets", {})
    for key, value in sorted(item.secrets.items()):
        before = T("{value}", value=MASK) if key in known else T("none")
        after = T("a new value") if value else T("none")
        yield FieldChange(f"settings.{key}", before, after)


def differences(before: Fields, after: Fields, prefix: str = "") -> Iterator[FieldChange]:
    """Yield the fields in which two states differ, mapping by mapping."""
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if prefix + key == "stores":
            yield FieldChange(key, _stores(old), _stores(new))
        elif isinstance(old, dict) or isinstance(new, dict):
            yield from differences(_parts(old), _parts(new), f"{prefix}{key}.")
        elif _is_entries(old) or _is_entries(new):
            yield from _entry_differences(old or [], new or [], f"{prefix}{key}.")
        else:
            say = _cnpj if prefix + key == "cnpj" else _shown
            yield FieldChange(prefix + key, say(old), say(new))


def _is_entries(value: Any) -> bool:
    """Tell whether a value is a list of models; rules of who is told are said in one line instead."""
    return bool(value) and isinstance(value, list) and all(isinstance(one, dict) and "on" not in one for one in value)


def _entry_differences(old: list[Any], new: list[Any], prefix: str) -> Iterator[FieldChange]:
    """Yield what differs entry by entry, counted from one; what came or went is told as a whole."""
    for number, (before, after) in enumerate(zip_longest(old, new), 1):
        if before == after:
            continue
        if before is None or after is None:
            yield FieldChange(f"{prefix}{number}", _shown(before), _shown(after))
        else:
            yield from differences(before, after, f"{prefix}{number}.")


def _parts(value: Any) -> Fields:
    """Return a mapping's fields; one time in place of times by day is that of every day."""
    if isinstance(value, dict):
        return value
    return {} if value is None else {"default": value}


def _cnpj(value: str | None) -> Text:
    return _shown(format_cnpj(value) if value else None)


def _shown(value: Any) -> Text:
    match value:
        case None | []:
            return T("none")
        case bool():
            return T("on") if value else T("off")
        case {"all": True}:
            return T("all")
        case {"names": _} | {"tags": _}:
            return _selected(value)
        case {"channel": channel, "on": events}:
            return T("{channel} ({events})", channel=str(channel), events=list(events))
        case dict():
            return T(
                "{items}", items=[T("{field}: {value}", field=key, value=_shown(one)) for key, one in value.items()]
            )
        case list():
            return T("{items}", items=[_shown(item) for item in value])
        case _:
            text = str(value)
            return T("{value}", value=text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…")


def _stores(value: Any) -> Text:
    """Return which stores a job or person has; a person who is limited to none has None."""
    return T("all") if value is None else _shown(value)


def _selected(stores: Fields) -> Text:
    """Return a choice of stores: by name, by tag, or both."""
    if "tags" not in stores:
        return _shown(stores["names"])
    if "names" not in stores:
        return T("tags {tags}", tags=_shown(stores["tags"]))
    return T("{names}, tags {tags}", names=_shown(stores["names"]), tags=_shown(stores["tags"]))
