"""What two versions differ in, in words, and a version as an entry that can be saved again."""

from dataclasses import dataclass, field
from typing import Any

from core.configuration.plan import FieldChange, differences
from core.configuration.stored import Fields, Stored, scope_fields
from core.configuration.wanted import Section


@dataclass(frozen=True, slots=True)
class Difference:
    """The fields in which two states differ, and both states as a form holds them."""

    changes: list[FieldChange] = field(default_factory=list)
    before: Fields = field(default_factory=dict)
    after: Fields = field(default_factory=dict)

    @property
    def back(self) -> "Difference":
        """The same the other way round."""
        turned = [FieldChange(one.field, one.after, one.before) for one in self.changes]
        return Difference(turned, self.after, self.before)


def difference_of(before: Fields, after: Fields, stored: Stored) -> Difference:
    """Return in what two recorded states differ."""
    old, new = _readable(before, stored), _readable(after, stored)
    return Difference(list(differences(old, new)), on_form(old), on_form(new))


def on_form(document: Fields) -> Fields:
    """Return a readable state, such as an entry of a document, with its stores as a form holds them."""
    if "stores" not in document:
        return document
    scope = document["stores"]
    if scope is None:
        return document | {"stores": "all"}
    return document | {"stores": selection(scope)} if isinstance(scope, dict) and len(scope) == 1 else document


def _readable(document: Fields, stored: Stored) -> Fields:
    """Return a recorded state for people: stores by name, not by id."""
    if "store_ids" not in document:
        return document
    rest = {key: value for key, value in document.items() if key not in ("store_ids", "store_tags")}
    return rest | {"stores": _scope(document, stored)}


def entry_of(section: Section, document: Fields, stored: Stored) -> Fields:
    """Return a recorded state as an entry of the document. Secrets were never in it; names of people neither."""
    match section:
        case Section.INTEGRATIONS | Section.CHANNELS:
            return {key: value for key, value in document.items() if key != "secrets"}
        case Section.JOBS:
            return document | {"stores": selection(document["stores"])}
        case Section.USERS:
            apart = ("store_ids", "store_tags", "active")
            kept = {key: value for key, value in document.items() if key not in apart}
            scope = _scope(document, stored)
            return kept | {"stores": "all" if scope is None else scope}
        case _:
            return document


def _scope(document: Fields, stored: Stored) -> Any:
    """Return the stores of a recorded person; versions of old know no tags."""
    names = {store.id: store.name for store in stored.stores.live.values()}
    return scope_fields(document["store_ids"], document.get("store_tags", []), names)


def selection(kept: Fields) -> Any:
    """Return which stores a job takes as the document writes it."""
    if kept.get("all"):
        return "all"
    return kept["names"] if "names" in kept else {"tags": kept["tags"]}
