"""YAML text to plain data, with the line of every key.

Only what a configuration needs is understood: mappings, lists and scalars of one document.
Aliases and tags are refused, so that a small file can neither grow large nor name a type.
Plain scalars are read narrowly: `10:30`, `on`, `no` and `007` stay the text they look like.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from core.configuration.problems import Path, refused
from core.errors import BadInput
from core.texts import T, Text

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 12
MAX_VALUES: Final = 100_000
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader

_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})")
_FRACTION = re.compile(r"-?(0|[1-9]\d{0,17})\.\d{1,40}([eE][-+]\d{1,3})?")
_REFUSED_SIGN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Source:
    """The data of a document; `lines` maps paths to lines, from 1. `problems` can be told with others."""

    data: Any
    lines: Mapping[Path, int]
    problems: list[tuple[Path, Text]]

    def line(self, path: Path) -> int:
        """Return the line of a path, or of the nearest thing around it that is there."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1


def read_source(text: str | bytes) -> Source:
    """Read one YAML document. Raises BadInput where reading cannot go on."""
    plain = _decoded(text)
    builder = _Builder()
    try:
        for event in yaml.parse(plain, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _at(mark, T("This is not YAML: {reason}.", reason=error.problem or "?")) from None
    except yaml.YAMLError:
        raise _unreadable() from None
    return Source(builder.data, builder.lines, builder.problems)


def _decoded(text: str | bytes) -> str:
    try:
        raw = text.encode() if isinstance(text, str) else text
        if len(raw) > MAX_BYTES:
            raise refused([T("The document is larger than 1 MiB.")])
        return raw.decode("utf-8-sig")
    except UnicodeError:
        raise _unreadable() from None


def _unreadable() -> BadInput:
    return refused([T("The document is not a text file. Save it as UTF-8, without control characters.")])


def _at(mark: Any, problem: Text) -> BadInput:
    return refused([T("Line {line}: {problem}", line=_line(mark), problem=problem)])


def _line(mark: Any) -> int:
    """Return the line of one of the parser's marks, which it counts from 0 and may leave out."""
    return 1 if mark is None else int(mark.line) + 1


@dataclass(slots=True)
class _Level:
    """A mapping or list that is being filled; `key` waits for its value, `skip` drops it."""

    path: Path
    into: dict[str, Any] | list[Any]
    key: str | None = None
    skip: bool = False


class _Builder:
    """Turns parser events into data without recursion, so that depth is ours to limit."""

    def __init__(self) -> None:
        self.data: Any = None
        self.lines: dict[Path, int] = {}
        self.problems: list[tuple[Path, Text]] = []
        self._levels: list[_Level] = []
        self._documents = 0
        self._values = 0

    def take(self, event: Event) -> None:
        match event:
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise _at(event.start_mark, T("The file holds more than one document (a line with ---)."))
            case CollectionEndEvent():
                self._levels.pop()
            case AliasEvent():
                raise _at(event.start_mark, T("Aliases (*name) are not understood. Write it out."))
            case NodeEvent():
                self._node(event)

    def _node(self, event: Any) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            raise _at(event.start_mark, T("The document holds more than {count} values.", count=MAX_VALUES))
        if event.tag is not None:
            raise _at(event.start_mark, T("Tags (!name) are not understood. Put text in quotes instead."))
        level = self._levels[-1] if self._levels else None
        if level is not None and isinstance(level.into, dict) and level.key is None:
            self._key(level, event)
            return
        value: Any = self._scalar(event) if isinstance(event, ScalarEvent) else []
        if isinstance(event, MappingStartEvent):
            value = {}
        path = self._put(level, value, event)
        if isinstance(event, CollectionStartEvent):
            if len(self._levels) == MAX_DEPTH:
                raise _at(event.start_mark, T("This is nested too deeply."))
            self._levels.append(_Level(path, value))

    def _key(self, level: _Level, event: Any) -> None:
        if not isinstance(event, ScalarEvent):
            raise _at(event.start_mark, T("A key must be plain text."))
        path = (*level.path, event.value)
        level.key = event.value
        level.skip = event.value in level.into
        if level.skip:
            line = _line(event.start_mark)
            here = (*level.path, event.value, line)
            self.lines[here] = line
            first = self.lines[path]
            self.problems.append((here, T("is given twice, first in line {line}. Keep one of them.", line=first)))
        else:
            self.lines[path] = _line(event.start_mark)

    def _put(self, level: _Level | None, value: Any, event: Any) -> Path:
        if level is None:
            self.data = value
            return ()
        if isinstance(level.into, list):
            level.into.append(value)
            path: Path = (*level.path, len(level.into) - 1)
            self.lines[path] = _line(event.start_mark)
            return path
        key, level.key = level.key or "", None
        if level.skip:
            return (*level.path, key, "")
        level.into[key] = value
        return (*level.path, key)

    def _scalar(self, event: ScalarEvent) -> Any:
        text = event.value
        if _REFUSED_SIGN.search(text):
            raise _at(event.start_mark, T("This text holds control characters. Take them out."))
        return resolve(text) if event.implicit[0] else text


def resolve(plain: str) -> Any:
    """Return what an unquoted scalar means: nothing, true or false, a number, or the text itself."""
    if plain in _WORDS:
        return _WORDS[plain]
    if _WHOLE.fullmatch(plain):
        return int(plain)
    return float(plain) if _FRACTION.fullmatch(plain) and math.isfinite(float(plain)) else plain
