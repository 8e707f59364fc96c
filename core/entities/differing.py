"""What two versions differ in, in words, and a version as an entry that can be saved again."""

from typing import Any

from core.configuration.plan import FieldChange, differences
from core.configuration.stored import Fields, Stored, scope_fields
from core.configuration.wanted import Section
from core.texts import Text


def differ(before: Fields, after: Fields, stored: Stored) -> list[Text]:
    """Return one line for each field that differs between two recorded states."""
    return [change.line() for change in changes_between(before, after, stored)]


def changes_between(before: Fields, after: Fields, stored: Stored) -> list[FieldChange]:
    """Return the fields that differ between two recorded states."""
    return list(differences(readable(before, stored), readable(after, stored)))


def readable(document: Fields, stored: Stored) -> Fields:
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
