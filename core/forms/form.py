"""A form at work: its pages, what is filled in, and what is wrong. JSON inside, so that it survives restarts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import BaseModel, TypeAdapter, ValidationError

from core.configuration.explaining import explain
from core.errors import BadInput
from core.forms.describing import describe
from core.forms.fields import Choice, FormField, Kind, Path
from core.i18n import own_name
from core.texts import T, Text

LANGUAGES = "languages"
_AS_GIVEN = (Kind.STORES, Kind.SECRET)
_LISTS = 64
Options = Mapping[str, Sequence[str]]
"""What `refers` may name at this moment: names of stores, tags, integrations by capability, channels."""


@dataclass(frozen=True, slots=True)
class Part:
    """A field and the place of its value in the form's values. `owner` is the model it belongs to."""

    path: Path
    field: FormField
    owner: type[BaseModel]


class Line(NamedTuple):
    """A field as a page shows it: nested values lie open, each under the title of what it is inside of."""

    part: Part
    group: str = ""
    advanced: bool = False


class Form:
    """The fields of an entity (`roots`) over its `values`, a mapping that this form changes."""

    def __init__(self, roots: tuple[Part, ...], values: dict[str, Any], options: Options | None = None) -> None:
        self._roots = {root.path: root for root in roots}
        self.values = values
        self._options = options or {}

    def parts(self, page: Path = ()) -> list[Part]:
        """Return the fields of a page that matter now: the form's own, or those inside of a nested value."""
        if not page:
            return self._mattering(self._roots.values())
        model = self._model_at(page)
        if model is None:
            return []
        return self._mattering(Part((*page, one.name), one, model) for one in describe(model))

    def lines(self, page: Path = ()) -> list[Line]:
        """Return a page's fields in the order in which their groups begin, the advanced ones last.

        What is in no group goes first: below a group's heading it would seem to be part of it.
        """
        found = list(self._open(page, "", advanced=False))
        groups = ["", *dict.fromkeys(line.group for line in found)]
        return sorted(found, key=lambda line: (line.advanced, groups.index(line.group)))

    def _open(self, page: Path, group: str, *, advanced: bool) -> Iterator[Line]:
        for index, path in enumerate(self._entries(page)):
            title = group if path == page else f"{group} {index + 1}".strip()
            for part in self.parts(path):
                here = part.field.group or title
                folded = advanced or part.field.advanced
                if part.field.kind is Kind.MODEL:
                    yield from self._open(part.path, part.field.title, advanced=folded)
                else:
                    yield Line(part, here, folded)

    def _entries(self, page: Path) -> list[Path]:
        """Return the pages that lie open on one: of a list of models all entries, else itself."""
        part = self._declared(page) if page and not isinstance(page[-1], int) else None
        if part is None or part.field.kind is not Kind.MODELS:
            return [page]
        return [(*page, index) for index in range(len(self.get(page) or []))]

    def part(self, path: Path) -> Part | None:
        """Return the field at a path, also the whole of a list's entry."""
        for length in range(len(path), 0, -1):
            for part in self.parts(self._page_of(path[: length - 1])):
                if part.path == path[: len(part.path)]:
                    return part
        return None

    def get(self, path: Path) -> Any:
        """Return the value at a path; where nothing is given, the field's default."""
        here: Any = self.values
        for step in path:
            try:
                here = here[step]
            except (KeyError, IndexError, TypeError):
                part = self._declared(path)
                return part.field.default if part is not None else None
        return here

    def given(self, path: Path) -> bool:
        """Tell whether a value stands there, be it a default's own."""
        here: Any = self.values
        for step in path:
            try:
                here = here[step]
            except (KeyError, IndexError, TypeError):
                return False
        return True

    def put(self, part: Part, value: Any) -> None:
        """Set a field, as its model normalises it. Raises BadInput that says what is wrong with it."""
        self._place(part.path, judge(part, value, self._siblings(part.path)))

    def clear(self, part: Part) -> None:
        """Go back to the default, or to nothing where there is none."""
        here: Any = self._siblings(part.path)
        if part.field.nullable and part.field.default is not None:
            here[part.path[-1]] = None
        else:
            here.pop(part.path[-1], None)

    def add(self, part: Part, mark: str = "") -> Path:
        """Add an entry to a list of models; of a union's variant, `mark` says which. Returns its path."""
        entries = list(self.get(part.path) or [])
        entries.append({part.field.discriminator: mark} if mark else {})
        self._place(part.path, entries)
        return (*part.path, len(entries) - 1)

    def remove(self, path: Path) -> None:
        """Take an entry out of a list."""
        entries = list(self.get(path[:-1]) or [])
        del entries[int(path[-1])]
        self._place(path[:-1], entries)

    def choose(self, part: Part, mark: str) -> Path:
        """Make a union's value one of this kind; a value of another kind is dropped. Returns its page."""
        now = self.get(part.path)
        if not isinstance(now, dict) or now.get(part.field.discriminator) != mark:
            self._place(part.path, {part.field.discriminator: mark})
        return part.path

    def unanswered(self) -> list[Part]:
        """Return what a new entity is asked for one after the other, as far as nothing stands there yet."""
        asked = (line.part for line in self.everywhere() if line.part.field.asked)
        return [part for part in asked if not self.given(part.path) and not self._left_out(part)]

    def everywhere(self) -> list[Line]:
        """Return the form's lines, each followed by those inside of it: of a chosen kind, of a list's entries."""
        return [inner for line in self.lines() for inner in (line, *self._inside(line))]

    def _inside(self, line: Line) -> list[Line]:
        match line.part.field.kind:
            case Kind.MODELS:
                return self.lines(line.part.path)
            case Kind.UNION | Kind.TEMPLATES if self.given(line.part.path):
                return [Line(part, line.group, line.advanced) for part in self.parts(line.part.path)]
            case _:
                return []

    def _left_out(self, part: Part) -> bool:
        """Tell whether a field lies inside of something that may be left out as a whole, and is."""
        whole = [self._declared(part.path[:length]) for length in range(1, len(part.path))]
        return any(one is not None and not one.field.required and self.get(one.path) is None for one in whole)

    def _declared(self, path: Path) -> Part | None:
        if path in self._roots:
            return self._roots[path]
        model = self._model_at(path[:-1])
        found = [one for one in describe(model) if one.name == path[-1]] if model is not None else []
        return Part(path, found[0], model) if found and model is not None else None

    def _model_at(self, page: Path) -> type[BaseModel] | None:
        """Return the model whose fields lie below a path: of a nested value, a variant, a list's entry."""
        inside = page[:-1] if page and isinstance(page[-1], int) else page
        part = self._declared(inside) if inside else None
        if part is None:
            return None
        if part.field.variants:
            value = self.get(page)
            mark = value.get(part.field.discriminator) if isinstance(value, dict) else None
            return part.field.variants.get(str(mark))
        return part.field.model

    def _page_of(self, path: Path) -> Path:
        """Return the nearest page at or above a path; the form's own fields may lie deeper than one step."""
        return path if path and self._model_at(path) is not None else ()

    def _siblings(self, path: Path) -> dict[str, Any]:
        here: Any = self.values
        for index, step in enumerate(path[:-1]):
            if isinstance(here, list):
                here = here[int(step)]
                continue
            if step not in here or here[step] is None:
                here[step] = deepcopy(self.get(path[: index + 1]) or {})
            here = here[step]
        siblings: dict[str, Any] = here
        return siblings

    def _place(self, path: Path, value: Any) -> None:
        self._siblings(path)[str(path[-1])] = value

    def _mattering(self, parts: Iterable[Part]) -> list[Part]:
        """Return those parts that matter beside their neighbours, with the choices of this moment."""
        shown = (one for one in parts if not one.field.shown_when or self._matters(one))
        return [self._live(one) if one.field.refers else one for one in shown]

    def _matters(self, part: Part) -> bool:
        near = self._siblings_seen(part.path)
        neighbours = {one.name: one.default for one in describe(part.owner)}
        return part.field.shown(near, neighbours)

    def _siblings_seen(self, path: Path) -> Mapping[str, Any]:
        found = self.get(path[:-1]) if len(path) > 1 else self.values
        return found if isinstance(found, dict) else {}

    def _live(self, part: Part) -> Part:
        """Return a part whose choices are those of this moment."""
        names = self._options.get(part.field.refers)
        if names is None or part.field.kind is Kind.STORES:
            return part
        choices = (*part.field.choices, *_choices(tuple(names), languages=part.field.refers == LANGUAGES))
        kind = Kind.CHOICES if part.field.kind is Kind.LIST else Kind.CHOICE
        return replace(part, field=replace(part.field, kind=kind, choices=choices))


@lru_cache(maxsize=_LISTS)
def _choices(names: tuple[str, ...], *, languages: bool) -> tuple[Choice, ...]:
    """Return names as choices. There are hundreds of time zones, and they are the same at every tap."""
    return tuple(Choice(name, own_name(name) if languages else name, coded=True) for name in names)


def judge(part: Part, value: Any, siblings: Mapping[str, Any]) -> Any:
    """Return a value as its model would keep it. Raises BadInput with what the model says of it."""
    if part.field.kind in _AS_GIVEN:
        return value
    adapter: TypeAdapter[Any] = TypeAdapter(part.field.annotation)
    try:
        kept = adapter.dump_python(adapter.validate_python(value), mode="json")
    except ValidationError as error:
        raise BadInput(_said(part, [text for _, text in explain(error, BaseModel)])) from None
    try:
        part.owner.model_validate({**siblings, part.field.name: value})
    except ValidationError as error:
        mine = [text for path, text in explain(error, part.owner) if path[:1] == (part.field.name,)]
        if mine:
            raise BadInput(_said(part, mine)) from None
    return kept


def _said(part: Part, problems: list[Text]) -> Text:
    return T("{field}: {problem}", field=part.field.label, problem=problems[0])


def rebased(values: dict[str, Any], start: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was filled in since `start`, on top of what somebody else saved meanwhile."""
    result = deepcopy(dict(fresh))
    for key in {*values, *start}:
        mine, before = values.get(key), start.get(key)
        if mine == before:
            continue
        if isinstance(mine, dict) and isinstance(before, dict) and isinstance(result.get(key), dict):
            result[key] = rebased(mine, before, result[key])
        elif key in values:
            result[key] = deepcopy(mine)
        else:
            result.pop(key, None)
    return result
