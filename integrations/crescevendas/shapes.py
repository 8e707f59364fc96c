"""Keys and types of a real answer, never its values (CH-2): what `chimera probe` prints."""

from typing import Any

_DEEPEST = 6
_MOST = 60
_LONGEST_KEY = 40


def shape_of(document: Any) -> dict[str, str]:
    """Return `response.discounts[].price → number` and the like, at most 60 entries.

    Keys that are no identifiers (codes, registrations) are data and shown as `*`.
    """
    found: dict[str, str] = {}
    _walk(document, "", 0, found)
    return found


def _walk(value: Any, path: str, depth: int, found: dict[str, str]) -> None:
    if len(found) >= _MOST and path not in found:
        return
    kind = _kind(value)
    known = found.get(path)
    found[path or "."] = kind if known in (None, kind) else f"{known} | {kind}"
    if depth >= _DEEPEST:
        return
    if isinstance(value, dict):
        for key, below in value.items():
            _walk(below, f"{path}.{_name(key)}".lstrip("."), depth + 1, found)
    elif isinstance(value, list):
        for below in value[:3]:
            _walk(below, f"{path}[]", depth + 1, found)


def _name(key: str) -> str:
    return key if key.isidentifier() and len(key) <= _LONGEST_KEY else "*"


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "text"
        case list():
            return "list"
        case dict():
            return "object"
        case _:
            return "number"
