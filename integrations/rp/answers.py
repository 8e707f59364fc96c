"""What an answer of the API means (`rp.md` 3.3 and 5): judged in a fixed order, never guessed.

Bodies, stack traces and messages of the other side do not get into texts for people
(`rules.md` 7.1); the first message alone goes into the log.
"""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any

from core.errors import Refused, TemporarilyUnavailable, UnreadableAnswer
from core.texts import T, Text
from integrations.answer import Answer
from integrations.rp.fields import fold, plain

_ABSENT = object()
_LIST_KEYS = ("produtos", "content", "produto")
_NO_ERROR: tuple[Any, ...] = (_ABSENT, None, False, "", [], {})
_MAX_MESSAGE = 160


class ErpError(Refused):
    """The ERP understood the request and answered with `status` other than ok."""


class ProductUnknown(ErpError):
    """The ERP answered that the store does not have the product."""


def parse(body: bytes) -> Any:
    """Decode JSON with exact decimals, in UTF-8 or Latin-1, with or without BOM.

    A number beyond all bounds is NaN, as a NaN on the wire is: whoever consults it finds no number.
    Raises ValueError for what is not JSON.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    try:
        return json.loads(text, parse_float=_exact, parse_constant=Decimal)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _exact(number: str) -> Decimal:
    try:
        return Decimal(number)
    except InvalidOperation:
        return Decimal("NaN")


def accept(answer: Answer) -> dict[str, Any]:
    """Return the document of a successful answer.

    Raises UnreadableAnswer (not a JSON object), ErpError, TemporarilyUnavailable (HTTP 500 and
    above), Refused (everything else that is not 200).
    """
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        raise Refused(T("The ERP's address points elsewhere (HTTP {n}). Correct it.", n=answer.status))
    document = _document(answer)
    if not is_ok(document):
        raise _erp_error(document, answer.status)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise TemporarilyUnavailable(
            T("The ERP had an error of its own (HTTP {n}). Try again later.", n=answer.status),
            detail=first_message(document),
        )
    if answer.status != HTTPStatus.OK:
        raise Refused(
            T("The ERP refused the request (HTTP {n}). Check address and versions.", n=answer.status),
            detail=first_message(document),
        )
    return document


def envelope(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what `response` holds, or the root where there is no such object."""
    inner = look(document, "response")
    return inner if isinstance(inner, dict) else document


def is_ok(document: Mapping[str, Any]) -> bool:
    """Tell whether the envelope's status, if there is one, says ok, and nothing beside it tells of an error."""
    outer = envelope(document)
    if any(look(place, key) not in _NO_ERROR for place in (outer, document) for key in ("error", "errors")):
        return False
    status = look(outer, "status")
    return status is _ABSENT or (isinstance(status, str) and status.strip().lower() == "ok")


def items(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the products of any known shape. Raises UnreadableAnswer; null is never 'none'.

    Nor is an empty list beside one that holds something.
    """
    found = look(document, "response")
    if not isinstance(found, list):
        outer = envelope(document)
        named = [value for key in _LIST_KEYS if (value := look(outer, key)) is not _ABSENT]
        found = named[0] if named and (named[0] or not any(isinstance(one, list) and one for one in named)) else None
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise UnreadableAnswer(T("The ERP's answer holds no list of products where one belongs."))
    return found


def entries(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the objects of a short list (`unidades` and the like), nothing where there is none."""
    outer = envelope(document)
    for key in (name, "content"):
        found = look(outer, key)
        if isinstance(found, list):
            return [entry for entry in found if isinstance(entry, dict)]
    return []


def look(record: Mapping[str, Any], name: str) -> Any:
    """Return a value by its folded name; the exact spelling wins. A marker object if absent."""
    if name in record:
        return record[name]
    return next((value for key, value in record.items() if fold(key) == name), _ABSENT)


def text_of(record: Mapping[str, Any], name: str) -> str:
    """Return a text or number under a folded name as text, else nothing."""
    value = look(record, name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def first_message(document: Mapping[str, Any]) -> str:
    """Return the first message fit for the log: one line, no stack trace, 160 characters."""
    outer = envelope(document)
    found = next(
        (v for key in ("messages", "message", "error") if (v := look(outer, key)) is not _ABSENT),
        look(document, "error"),
    )
    if isinstance(found, list):
        found = found[0] if found else ""
    if isinstance(found, dict):
        found = look(found, "message")
    line = found.strip().splitlines()[0] if isinstance(found, str) and found.strip() else ""
    if fold(line).startswith("stacktrace"):
        return ""
    return "".join(c if c.isprintable() else " " for c in line)[:_MAX_MESSAGE]


def _document(answer: Answer) -> dict[str, Any]:
    try:
        document = parse(answer.body)
    except ValueError:
        raise _not_json(answer) from None
    if not isinstance(document, dict):
        raise _not_json(answer)
    return document


def _not_json(answer: Answer) -> UnreadableAnswer:
    size = len(answer.body)
    return UnreadableAnswer(
        T(
            "The ERP's answer could not be read: not a JSON object, {size} bytes (HTTP {status}).",
            size=size,
            status=answer.status,
        )
    )


def _erp_error(document: Mapping[str, Any], status: int) -> ErpError:
    message = first_message(document)
    said = plain(message).lower()
    kind = ProductUnknown if _is_missing(said) and "produto" in said else ErpError
    return kind(_explained(said), detail=f"HTTP {status}: {message}")


def _is_missing(message: str) -> bool:
    return "nao encontrad" in message or "nao foi encontrad" in message


def _explained(message: str) -> Text:
    """Say in our own words what the ERP's known messages mean."""
    missing = _is_missing(message)
    if missing and "produto" in message:
        return T("The ERP does not know this product in this store.")
    if missing and ("unidade" in message or "loja" in message):
        return T("The ERP does not know this store. Check its CNPJ or unit code.")
    if missing:
        return T("The ERP did not find what was asked for.")
    return T("The ERP answered with an error. Its message is in the log; its operator can tell more.")
