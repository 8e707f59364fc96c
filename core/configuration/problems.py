"""Collects what is wrong, each problem with its place, and raises all of it at once."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.errors import BadInput
from core.texts import TN, T, Text

Path = tuple[str | int, ...]
_FIELD = 3
"""Length of the path of an entry's field, such as `("stores", 0, "cnpj")`."""


class Places(Protocol):
    """Knows on which line of the document a path stands."""

    def line(self, path: Path) -> int: ...


class BadFields(BadInput):
    """Fields that cannot be saved; `fields` tells each by its path inside its entry: `("settings", "base_url")`.

    `entries` tells them by the number of the entry, where several are edited at once.
    """

    def __init__(
        self, fields: Mapping[Path, Text], problems: list[Text], entries: Mapping[int, list[Text]] | None = None
    ) -> None:
        text = TN(
            "This cannot be saved yet: a field needs another look.",
            "This cannot be saved yet: {n} fields need another look.",
            len(problems),
        )
        super().__init__(text, problems=problems)
        self.fields = fields
        self.entries = entries or {}


@dataclass(slots=True)
class Problems(ABC):
    """Problems found so far, at paths such as `("stores", 0, "cnpj")`."""

    _found: dict[Path, Text] = field(default_factory=dict)

    def add(self, path: Path, problem: Text) -> None:
        """Note a problem. What follows from one at the same place, or around it, is not told again."""
        if not any(path[:length] in self._found for length in range(_FIELD, len(path) + 1)):
            self._found[path] = problem

    def raise_any(self) -> None:
        """Raise BadInput with all problems, if there is one."""
        if self._found:
            raise self._error(self._found)

    @abstractmethod
    def _error(self, found: Mapping[Path, Text]) -> BadInput:
        """Return the error that tells all of it."""


@dataclass(slots=True)
class DocumentProblems(Problems):
    """Problems of a document, told with their lines."""

    places: Places = field(kw_only=True)

    def _error(self, found: Mapping[Path, Text]) -> BadInput:
        lines = sorted(((self.places.line(path), path) for path in found), key=lambda at: at[0])
        return refused([self._told(line, path, found[path]) for line, path in lines])

    def _told(self, line: int, path: Path, problem: Text) -> Text:
        names = _names(path) or str(path[0] if path else "")
        if not names:
            return T("Line {line}: {problem}", line=line, problem=problem)
        return T("Line {line}: {field}: {problem}", line=line, field=names, problem=problem)


@dataclass(slots=True)
class EntryProblems(Problems):
    """Problems of entities that are edited, told with their names when they are several."""

    names: Sequence[str] = ()

    def _error(self, found: Mapping[Path, Text]) -> BadInput:
        fields = {_inside(path): problem for path, problem in found.items()}
        entries: dict[int, list[Text]] = {}
        for path, problem in found.items():
            if len(path) > 1 and isinstance(path[1], int):
                text = T("{field}: {problem}", field=_names(path), problem=problem)
                entries.setdefault(path[1], []).append(text)
        return BadFields(fields, [self._told(path, problem) for path, problem in found.items()], entries)

    def _told(self, path: Path, problem: Text) -> Text:
        told = T("{field}: {problem}", field=_names(path), problem=problem) if _names(path) else problem
        if len(self.names) == 1:
            return told
        return T("“{name}”: {problem}", name=self.names[next(p for p in path if isinstance(p, int))], problem=told)


def _names(path: Path) -> str:
    return ".".join(part for part in path[1:] if isinstance(part, str))


def _inside(path: Path) -> Path:
    """Return the part of a path that follows its section and, where entries have one, its number."""
    return path[2:] if len(path) > 1 and isinstance(path[1], int) else path[1:]


def refused(problems: list[Text]) -> BadInput:
    """Return the error for a document with these problems."""
    text = TN(
        "The document has a mistake. Nothing was changed.",
        "The document has {n} mistakes. Nothing was changed.",
        len(problems),
    )
    return BadInput(text, problems=problems)
