"""How every entity shall be: what is stored, overlaid with what the document gives."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from core.channels.model import Channel
from core.configuration.document import Named
from core.configuration.problems import Path
from core.configuration.reading import Placed
from core.configuration.stored import Fields, Shelf
from core.connections.model import Integration
from core.jobs.model import Job
from core.organisations.model import Organisation
from core.people.model import Person
from core.stores.model import Store

Row = Organisation | Store | Integration | Channel | Job | Person
W_co = TypeVar("W_co", bound=Row, covariant=True)
N = TypeVar("N", bound=Named)
S = TypeVar("S", Store, Integration, Channel, Job)


class Section(StrEnum):
    """Sections of the document."""

    ORGANISATION = "organisation"
    STORES = "stores"
    INTEGRATIONS = "integrations"
    CHANNELS = "channels"
    JOBS = "jobs"
    USERS = "users"


@dataclass(frozen=True, slots=True)
class Wanted(Generic[W_co]):
    """One entity as it shall be.

    `row` is what there is: None for a new one; a removed row that comes back has no `before`.
    `secrets` are new values by field, empty to forget one; `missing` are those it needs and has not.
    """

    section: Section
    name: str
    path: Path
    row: W_co | None
    before: Fields | None
    after: Fields
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    missing: tuple[str, ...] = ()

    @property
    def renamed(self) -> bool:
        return self.before is not None and "name" in self.before and self.before["name"] != self.after["name"]

    @property
    def changed(self) -> bool:
        return self.before != self.after or bool(self.secrets)


@dataclass(frozen=True, slots=True)
class Matched(Generic[N, S]):
    """An entry and the row it speaks of; `back` means that the row was removed and comes back."""

    entry: N
    path: Path
    row: S | None
    back: bool = False
    whole: bool = False


def match_rows(placed: Sequence[Placed[N]], shelf: Shelf[S]) -> list[Matched[N, S]]:
    """Find each entry's row, by `was` where the new name is still free, else by name.

    A `was` that is already done has no effect, so that a document can be applied again.
    """
    claimed = _renames(placed, shelf)
    taken = set(claimed.values())
    matched = []
    for item in placed:
        name = claimed.get(item.path) or (item.entry.name if item.entry.name not in taken else None)
        row = shelf.live.get(name) if name is not None else None
        gone = shelf.removed.get(item.entry.name) if row is None else None
        matched.append(Matched(item.entry, item.path, row or gone, back=gone is not None, whole=item.whole))
    return matched


def _renames(placed: Sequence[Placed[N]], shelf: Shelf[S]) -> dict[Path, str]:
    """Return the old names that entries take over; one may take a name that another one leaves."""
    claimed: dict[Path, str] = {}
    found = True
    while found:
        taken = set(claimed.values())
        waiting = [item for item in placed if item.path not in claimed and item.entry.was in shelf.live.keys() - taken]
        free = [item for item in waiting if item.entry.name not in shelf.live or item.entry.name in taken]
        found = bool(free)
        if found:
            claimed[free[0].path] = str(free[0].entry.was)
    return claimed


def given_fields(entry: Named, needed: str) -> Fields:
    """Return what the entry gives; `needed` is the field whose null means 'left out'."""
    given = entry.model_dump(mode="json", exclude_unset=True, exclude={"was"})
    if given.get(needed, "") is None:
        del given[needed]
    return given


def merged(stored: Fields, given: Fields) -> Fields:
    """Return `stored` overlaid with `given`, mapping by mapping; lists are replaced as a whole."""
    both = dict(stored)
    for key, value in given.items():
        old: Any = both.get(key)
        both[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both
