"""What two versions differ in, in words, and a version as an entry that can be saved again."""

from typing import Any

from core.configuration.plan import FieldChange, differences
from core.configuration.stored import Fields, Stored
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
    rest = {key: value for key, value in document.items() if key != "store_ids"}
    return rest | {"stores": _store_names(document["store_ids"], stored)}


def entry_of(section: Section, document: Fields, stored: Stored) -> Fields:
    """Return a recorded state as an entry of the document. Secrets were never in it; names of people neither."""
    match section:
        case Section.INTEGRATIONS | Section.CHANNELS:
            return {key: value for key, value in document.items() if key != "secrets"}
        case Section.JOBS:
            return document | {"stores": selection(document["stores"])}
        case Section.USERS:
            kept = {key: value for key, value in document.items() if key not in ("store_ids", "active")}
            names = _store_names(document["store_ids"], stored)
            return kept | {"stores": "all" if names is None else names}
        case _:
            return document


def _store_names(ids: list[int] | None, stored: Stored) -> list[str] | None:
    names = {store.id: store.name for store in stored.stores.live.values()}
    return None if ids is None else [names[id_] for id_ in ids if id_ in names]


def selection(kept: Fields) -> Any:
    """Return which stores a job takes as the document writes it."""
    if kept.get("all"):
        return "all"
    return kept["names"] if "names" in kept else {"tags": kept["tags"]}
