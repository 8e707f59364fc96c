"""Collects what is wrong with a document, each with its line, and raises all of it at once."""

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


@dataclass(slots=True)
class Problems:
    """Problems found so far, at paths such as `("stores", 0, "cnpj")`."""

    places: Places
    _found: list[tuple[int, Text]] = field(default_factory=list)
    _paths: set[Path] = field(default_factory=set)

    def add(self, path: Path, problem: Text) -> None:
        """Note a problem; it is told with the line and the field's name.

        What follows from a problem at the same place, or around it, is not told again.
        """
        if any(path[:length] in self._paths for length in range(_FIELD, len(path) + 1)):
            return
        self._paths.add(path)
        line = self.places.line(path)
        names = ".".join(part for part in path[1:] if isinstance(part, str)) or str(path[0] if path else "")
        text = T("Line {line}: {field}: {problem}", line=line, field=names, problem=problem)
        self._found.append((line, text if names else T("Line {line}: {problem}", line=line, problem=problem)))

    def raise_any(self) -> None:
        """Raise BadInput with all problems, by line, if there is one."""
        if self._found:
            texts = [text for _, text in sorted(self._found, key=lambda found: found[0])]
            raise refused(texts)


def refused(problems: list[Text]) -> BadInput:
    """Return the error for a document with these problems."""
    text = TN(
        "The document has a mistake. Nothing was changed.",
        "The document has {n} mistakes. Nothing was changed.",
        len(problems),
    )
    return BadInput(text, problems=problems)
