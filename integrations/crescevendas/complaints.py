"""Inner errors: how the platform says no inside an answer (`protocols/crescevendas.md` 2.3, 5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

NOT_UNDERSTOOD = -1
"""Code of a complaint whose own code is no number."""

_DEEPEST = 5
_LAST = 599
_LINES = frozenset({"discount_store_lines", "discounts"})


@dataclass(frozen=True, slots=True)
class Complaint:
    """An inner error: its code (None when it names none) and the platform's own words."""

    code: int | None
    messages: tuple[str, ...]


def find_complaint(document: Any) -> Complaint | None:
    """Return the first inner error of an answer at any level, outermost first."""
    for key, node in _nodes(document):
        code = _bad_code(key, node)
        messages = tuple(_messages(node.get("error"))) + tuple(_messages(node.get("errors")))
        if code is None and not _says_no(node):
            continue
        if code is None:
            code = next((inner for name, below in _nodes(node) if (inner := _bad_code(name, below))), None)
        return Complaint(code, messages or tuple(_messages(node.get("message"))))
    if _only_texts_by_field(document):
        return Complaint(None, tuple(_messages(document)))
    return None


def words_of(document: Any) -> tuple[str, ...]:
    """Return what an answer that is a no by its status says, in whatever form."""
    complaint = find_complaint(document)
    if complaint is not None:
        return complaint.messages
    return tuple(_messages(document.get("message"))) if isinstance(document, dict) else ()


def _only_texts_by_field(document: Any) -> bool:
    """Recognise `{"start_date": ["não pode estar no passado"]}`: complaints and nothing else."""
    return (
        isinstance(document, dict)
        and bool(document)
        and not _LINES & document.keys()
        and all(
            isinstance(texts, list) and texts and all(isinstance(text, str) for text in texts)
            for texts in document.values()
        )
    )


def _says_no(node: Mapping[str, Any]) -> bool:
    if node.get("error") or node.get("errors"):
        return True
    if node.get("success") in (False, "false"):
        return True
    status = node.get("status")
    return isinstance(status, str) and status.strip().lower() == "error"


def _bad_code(key: str, node: Mapping[str, Any]) -> int | None:
    """Return the code of a node if it means failure.

    Under `response` anything but success counts; elsewhere only what looks like an HTTP error,
    as a campaign may have a code of its own.
    """
    if key == "response" and node.get("code") is not None:
        code = _number(node["code"])
        return None if HTTPStatus.OK <= code < HTTPStatus.MULTIPLE_CHOICES else code
    if _LINES & node.keys():
        return None
    for name in ("code", "status"):
        code = _number(node.get(name))
        if HTTPStatus.BAD_REQUEST <= code <= _LAST:
            return code
    return None


def _number(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < len("1000"):
        return int(value)
    return NOT_UNDERSTOOD


def _nodes(document: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the objects of an answer with their keys, outermost first; lists are data, not entered."""
    if not isinstance(document, dict) or depth > _DEEPEST:
        return
    yield key, document
    for name, below in document.items():
        yield from _nodes(below, name, depth + 1)


def _messages(value: Any, field: str = "") -> Iterator[str]:
    """Yield the texts of every known form: text, list, objects with `message`, field → texts."""
    match value:
        case str() if value.strip():
            yield f"{field}: {value.strip()}" if field else value.strip()
        case list():
            for item in value:
                yield from _messages(item, field)
        case {"message": message, **rest}:
            yield from _messages(message, _field(rest.get("field")) or field)
        case dict():
            for name, item in value.items():
                yield from _messages(item, _field(name) or field)


def _field(name: Any) -> str:
    """Return the name of a field to show; `base` is Rails' word for the whole."""
    return name if isinstance(name, str) and name not in {"base", "messages", "full_messages"} else ""
