"""What jobs refer to by name: stores, tags, integrations, channels. Renames carry their jobs along."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from core.configuration.document import JobEntry
from core.configuration.explaining import explain
from core.configuration.fields import hint
from core.configuration.modules import SOURCE, TARGET, ModuleSettings, usable_modules
from core.configuration.problems import Path, Problems
from core.configuration.signs import composed
from core.configuration.stored import NEW_JOB, Fields, job_fields
from core.configuration.wanted import Matched, Section, Wanted, given_fields, merged
from core.jobs.model import Job, JobType
from core.jobs.settings import settings_model
from core.texts import T, Text

_NEEDED = {"source": SOURCE, "target": TARGET}
_KINDS = {"store": T("store"), "tag": T("tag"), "integration": T("integration"), "channel": T("channel")}


@dataclass(frozen=True, slots=True)
class World:
    """All names as they shall be, and what was renamed.

    `stores` maps names to tags, `integrations` to modules (None: its entry has a problem).
    """

    stores: Mapping[str, frozenset[str]]
    integrations: Mapping[str, str | None]
    channels: frozenset[str]
    renamed: Mapping[Section, Mapping[str, str]]

    @property
    def tags(self) -> frozenset[str]:
        return frozenset().union(*self.stores.values())

    def follow(self, job: Fields) -> Fields:
        """Return a job's fields with renamed stores, integrations and channels by their new names."""
        integrations = self.renamed[Section.INTEGRATIONS]
        stores = self.renamed[Section.STORES]
        channels = self.renamed[Section.CHANNELS]
        settings = dict(job["settings"])
        settings |= {key: integrations.get(settings[key], settings[key]) for key in _NEEDED if key in settings}
        selection = dict(job["stores"])
        if "names" in selection:
            selection["names"] = [stores.get(name, name) for name in selection["names"]]
        notify = [rule | {"channel": channels.get(rule["channel"], rule["channel"])} for rule in job["notify"]]
        return job | {"settings": settings, "stores": selection, "notify": notify}


class JobSettler:
    """Settles jobs and checks what they refer to."""

    def __init__(self, problems: Problems, modules: ModuleSettings, world: World) -> None:
        self._problems = problems
        self._modules = modules
        self._world = world

    def settle(self, matched: Iterable[Matched[JobEntry, Job]]) -> list[Wanted[Job]]:
        """Return the good jobs of the document as they shall be."""
        wanted = [self._one(item) for item in matched]
        return [item for item in wanted if item is not None]

    def follow(self, rows: Iterable[Job], path: Path) -> list[Wanted[Job]]:
        """Return the jobs that the document does not name but its renames concern."""
        fields = [(row, job_fields(row)) for row in rows]
        wanted = [Wanted(Section.JOBS, row.name, path, row, now, self._world.follow(now)) for row, now in fields]
        return [item for item in wanted if item.changed]

    def _one(self, item: Matched[JobEntry, Job]) -> Wanted[Job] | None:
        before = job_fields(item.row) if item.row is not None and not item.back else None
        given = given_fields(item.entry, "type")
        kind = given.get("type", before["type"] if before else None)
        if kind is None:
            self._problems.add(
                (*item.path, "type"), T("is missing. Types: {names}.", names=[kind.value for kind in JobType])
            )
            return None
        if before is not None and kind != before["type"]:
            problem = T("is “{type}” and stays so. Make a new job with another name.", type=before["type"])
            self._problems.add((*item.path, "type"), problem)
            return None
        base = self._world.follow(before) if before and not item.whole else (before or {}) | NEW_JOB
        after = merged(base, given) | {"stores": given.get("stores", base["stores"])}
        self._check_references(after, item.path)
        settings = self._settings(JobType(kind), after["settings"], item.path)
        if settings is None:
            return None
        return Wanted(Section.JOBS, item.entry.name, item.path, item.row, before, after | {"settings": settings})

    def _settings(self, kind: JobType, raw: Fields, path: Path) -> dict[str, Any] | None:
        model = settings_model(kind)
        try:
            return model.model_validate(raw).model_dump(mode="json", exclude_unset=True)
        except ValidationError as error:
            for place, problem in explain(error, model):
                self._problems.add((*path, "settings", *place), problem)
            return None

    def _check_references(self, job: Fields, path: Path) -> None:
        for key, capability in _NEEDED.items():
            name = job["settings"].get(key)
            if isinstance(name, str):
                self._check_integration(composed(name), capability, (*path, "settings", key))
        for index, rule in enumerate(job["notify"]):
            self._check_known("channel", rule["channel"], self._world.channels, (*path, "notify", index, "channel"))
        for index, name in enumerate(job["stores"].get("names", ())):
            self._check_known("store", name, self._world.stores, (*path, "stores", index))
        for index, tag in enumerate(job["stores"].get("tags", ())):
            self._check_known("tag", tag, self._world.tags, (*path, "stores", "tags", index))

    def _check_integration(self, name: str, capability: str, path: Path) -> None:
        self._check_known("integration", name, self._world.integrations, path)
        module = self._world.integrations.get(name)
        if module is None or module not in usable_modules(self._modules, channels=False):
            return
        if capability not in self._modules.capabilities(module):
            self._problems.add(path, _useless(name, module, capability))

    def _check_known(self, kind: str, name: str, known: Iterable[str], path: Path) -> None:
        names = set(known)
        if name not in names:
            problem = T("there is no {kind} “{name}”. {hint}", kind=_KINDS[kind], name=name, hint=hint(name, names))
            self._problems.add(path, problem)


def _useless(name: str, module: str, capability: str) -> Text:
    if capability == SOURCE:
        return T("“{name}” ({module}) knows no prices. Name an integration that does.", name=name, module=module)
    return T("“{name}” ({module}) takes no promotions. Name an integration that does.", name=name, module=module)
