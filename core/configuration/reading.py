"""From text to entries: the document's own rules, before anything stored is looked at."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from core.configuration.document import (
    ChannelEntry,
    Document,
    Entry,
    IntegrationEntry,
    JobEntry,
    OrganisationEntry,
    StoreEntry,
    UserEntry,
)
from core.configuration.explaining import explain
from core.configuration.problems import DocumentProblems, Path, Problems
from core.configuration.source import read_source
from core.errors import BadInput
from core.texts import T

E = TypeVar("E", bound=Entry)
Broken = dict[Path, set[str | int]]
"""What is wrong inside of what: keys with problems by the path around them."""
CheckSchedule = Callable[[str], object]
"""Raises BadInput for what is not a cron expression."""


@dataclass(frozen=True, slots=True)
class Placed(Generic[E]):
    """An entry and where it stands. A `whole` one says everything: what it leaves out is at its default."""

    entry: E
    path: Path
    whole: bool = False


@dataclass(slots=True)
class Draft:
    """The entries, without their broken fields, so that everything else about them can be judged too.

    `lost` names those that could not be read at all, so that references to them hold.
    """

    problems: Problems
    organisation: OrganisationEntry = field(default_factory=OrganisationEntry)
    stores: list[Placed[StoreEntry]] = field(default_factory=list)
    integrations: list[Placed[IntegrationEntry]] = field(default_factory=list)
    channels: list[Placed[ChannelEntry]] = field(default_factory=list)
    jobs: list[Placed[JobEntry]] = field(default_factory=list)
    users: list[Placed[UserEntry]] = field(default_factory=list)
    sections: frozenset[str] = frozenset()
    lost: dict[str, set[str]] = field(default_factory=dict)


def read_document(text: str | bytes, check_schedule: CheckSchedule) -> Draft:
    """Read a document. Problems that do not stop the reading are in the draft's `problems`.

    Raises BadInput for what is no YAML, or no document at all.
    """
    source = read_source(text)
    problems = DocumentProblems(places=source)
    if not isinstance(source.data, dict):
        problems.add((), T("A document begins with “version: 1”, followed by stores, integrations and so on."))
        problems.raise_any()
    for path, problem in source.problems:
        problems.add(path, problem)
    return draft_data(source.data, problems, check_schedule)


def draft_data(
    data: dict[str, Any], problems: Problems, check_schedule: CheckSchedule, *, whole: bool = False
) -> Draft:
    """Return what plain data says, its problems noted in `problems`; see `Placed` for `whole`."""
    draft = _drafted(data, problems, whole=whole)
    _refuse_twins(draft)
    for job in draft.jobs:
        _check_schedule(problems, job, check_schedule)
    return draft


def _drafted(data: dict[str, Any], problems: Problems, *, whole: bool) -> Draft:
    broken: Broken = {}
    try:
        Document.model_validate(data)
    except ValidationError as error:
        for path, problem in explain(error, Document):
            problems.add(path, problem)
            for length in range(1, len(path)):
                broken.setdefault(path[:length], set()).add(path[length])
    draft = Draft(problems, sections=frozenset(data))
    organisation = _mended(OrganisationEntry, data.get("organisation", {}), broken, ("organisation",))
    draft.organisation = organisation or OrganisationEntry()
    draft.stores = _placed(draft, data, "stores", StoreEntry, broken, whole)
    draft.integrations = _placed(draft, data, "integrations", IntegrationEntry, broken, whole)
    draft.channels = _placed(draft, data, "channels", ChannelEntry, broken, whole)
    draft.jobs = _placed(draft, data, "jobs", JobEntry, broken, whole)
    draft.users = _placed(draft, data, "users", UserEntry, broken, whole)
    return draft


def _placed(
    draft: Draft, data: dict[str, Any], section: str, kind: type[E], broken: Broken, whole: bool
) -> list[Placed[E]]:
    """Return what is good of the section's entries, and note the names of those that are not there then."""
    entries = data.get(section)
    lost = draft.lost.setdefault(section, set())
    placed = []
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        mended = _mended(kind, entry, broken, (section, index))
        if mended is not None:
            placed.append(Placed(mended, (section, index), whole))
        elif isinstance(entry, dict) and entry.get("name") is not None:
            lost.add(str(entry["name"]))
    return placed


def _mended(kind: type[E], entry: Any, broken: Broken, path: Path) -> E | None:
    """Return an entry without its broken fields; None when it is nothing without them."""
    wrong = broken.get(path, set())
    rest = {key: value for key, value in entry.items() if key not in wrong} if isinstance(entry, dict) else entry
    try:
        return kind.model_validate(rest)
    except ValidationError:
        return None


def _refuse_twins(draft: Draft) -> None:
    for placed in (draft.stores, draft.integrations, draft.channels, draft.jobs):
        _refuse_repeated(draft, "name", ((item.path, item.entry.name) for item in placed))
        _refuse_repeated(draft, "was", ((item.path, item.entry.was) for item in placed if item.entry.was))
    _refuse_repeated(draft, "telegram_id", ((item.path, str(item.entry.telegram_id)) for item in draft.users))


def _refuse_repeated(draft: Draft, key: str, values: Iterable[tuple[Path, str]]) -> None:
    seen: Counter[str] = Counter()
    for path, value in values:
        seen[value] += 1
        if seen[value] > 1:
            draft.problems.add((*path, key), T("“{value}” is there already. Keep one of them.", value=value))


def _check_schedule(problems: Problems, job: Placed[JobEntry], check: CheckSchedule) -> None:
    if job.entry.schedule is None:
        return
    try:
        check(job.entry.schedule)
    except BadInput as error:
        problems.add((*job.path, "schedule"), error.text)
