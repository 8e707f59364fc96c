"""What an answer means, whatever its form (`protocols/crescevendas.md` 2.3 and 5, `rules.md` 3.3).

The platform says no in several ways, with HTTP 200 too; nobody has published a real answer.
So the inner code is always read, and what is not understood is never taken for a yes.
"""

import json
from decimal import Decimal
from http import HTTPStatus
from typing import Any, NoReturn

import msgspec

from core.errors import (
    CredentialsRefused,
    OutcomeUnknown,
    OutsideError,
    Refused,
    TemporarilyUnavailable,
    UnreadableAnswer,
)
from core.redact import Redactor
from core.texts import T, Text
from integrations.crescevendas.complaints import Complaint, find_complaint, words_of
from integrations.http import Answer

_ACCEPTED = frozenset({200, 201, 202, 204})
_LOGIN = frozenset({401, 403, *range(300, 400)})
_TIMED_OUT, _TOO_LARGE, _TOO_MANY, _NO_SUCH = 408, 413, 429, 404
_FAULTS = frozenset({_TIMED_OUT, *range(500, 600)})
_VAGUE = frozenset({400, 404, 422})
"""Statuses beside which an inner code such as 401 tells more."""
BUSY_WAIT = 60.0
"""Seconds that a 429 without Retry-After asks for."""
_MOST_MESSAGES = 5
_LONGEST_MESSAGE = 160
_LOOKED_AT = 4 * _LONGEST_MESSAGE


class NotJson(ValueError):
    """The body is no JSON document (a web page, cut, binary)."""


def parse(body: bytes) -> Any:
    """Decode JSON with exact numbers (Decimal, never float). Raises NotJson."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise NotJson from error


def is_cut(answer: Answer) -> bool:
    """Tell whether a yes began as JSON and broke off, or brought nothing: asked again, it may be whole.

    A web page is none of that: it comes from the wrong place, and would come again.
    """
    if answer.status != HTTPStatus.OK or answer.body.lstrip()[:1] == b"<":
        return False
    try:
        msgspec.json.decode(answer.body, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return _breaks_off(answer.body)
    return False


def _breaks_off(body: bytes) -> bool:
    """Look with the more patient parser before calling it cut: other encodings are whole too."""
    try:
        parse(body)
    except NotJson:
        return True
    return False


def _no_number(name: str) -> NoReturn:
    raise NotJson(name)


class Judge:
    """Turns the answers of one host into documents or Chimera's errors, free of secrets."""

    def __init__(self, host: str, redactor: Redactor) -> None:
        self.host = host
        self._redactor = redactor

    def accept_upload(self, answer: Answer) -> None:
        """Return if the upload was clearly accepted.

        Raises CredentialsRefused, Refused, TemporarilyUnavailable or OutcomeUnknown.
        """
        if answer.status in _ACCEPTED and not answer.body.strip():
            return
        self._document(answer, sending=True)

    def read(self, answer: Answer) -> Any:
        """Return the document of a read that was clearly answered.

        Raises CredentialsRefused, Refused, TemporarilyUnavailable or UnreadableAnswer.
        """
        return self._document(answer, sending=False)

    def unreadable(self) -> UnreadableAnswer:
        """Return the error for a document whose shape is unknown."""
        text = T("{host} gave an answer of unknown shape; it counts as nothing known.", host=self.host)
        return UnreadableAnswer(text)

    def incomplete(self) -> TemporarilyUnavailable:
        """Return the error for a list of several pages that did not hold what they announced, or changed meanwhile."""
        text = T("{host} did not show its list to the end, or it changed meanwhile. Try again later.", host=self.host)
        return TemporarilyUnavailable(text)

    def _document(self, answer: Answer, *, sending: bool) -> Any:
        """Parse the body and look for a no; a bad status may come with any body, a yes only with JSON."""
        accepted = answer.status in _ACCEPTED
        try:
            document = parse(answer.body)
        except NotJson:
            if accepted:
                raise self._not_understood(answer, sending=sending) from None
            document = None
        complaint = find_complaint(document)
        if complaint is None and accepted:
            if not sending and answer.status != HTTPStatus.OK:
                # "Accepted" tells nothing of what is there.
                raise self._not_understood(answer, sending=False)
            return document
        words = self._words(words_of(document))
        raise self._error(_telling_code(answer.status, complaint), words, answer, sending=sending)

    def _error(self, code: int | None, words: str, answer: Answer, *, sending: bool) -> OutsideError:
        """Classify by the code that tells most; None is an inner error that names none."""
        if code in _LOGIN:
            text = T(
                "{host} refused the login (code {code}). Check address, e-mail and token.",
                host=self.host,
                code=code or 0,
            )
            return CredentialsRefused(text, detail=words)
        if code == _TOO_MANY:
            wait = BUSY_WAIT if answer.retry_after is None else answer.retry_after
            text = T("{host} asks for a pause: too many requests.", host=self.host)
            return TemporarilyUnavailable(text, retry_after=wait, detail=words)
        if code in _FAULTS:
            return self._fault(code or 0, words, answer, sending=sending)
        if code is None or code in range(400, 500):
            return Refused(self._refusal(code, words))
        return self._not_understood(answer, sending=sending)

    def _fault(self, code: int, words: str, answer: Answer, *, sending: bool) -> OutsideError:
        wait = answer.retry_after
        if sending:
            text = T(
                "{host} failed (code {code}) and may have taken the campaign, or not. It is read back.",
                host=self.host,
                code=code,
            )
            return OutcomeUnknown(text, retry_after=wait, detail=words)
        text = T("{host} failed (code {code}). Try again later.", host=self.host, code=code)
        return TemporarilyUnavailable(text, retry_after=wait, detail=words)

    def _refusal(self, code: int | None, words: str) -> Text:
        if code == _TOO_LARGE:
            return T(
                "{host} finds the campaign too large. Set “Products per upload” to send it in parts.",
                host=self.host,
            )
        if words:
            return T("{host} refused: {reasons}", host=self.host, reasons=words)
        if code == _NO_SUCH:
            return T("{host} does not know the address or the store. Check address and registration.", host=self.host)
        if code is None:
            return T("{host} refused, and gave no reason.", host=self.host)
        return T("{host} refused, and gave no reason (code {code}).", host=self.host, code=code)

    def _not_understood(self, answer: Answer, *, sending: bool) -> OutsideError:
        page = answer.body.lstrip()[:1] == b"<"
        reason = T("a web page instead of data") if page else T("an answer nobody understands")
        if sending:
            text = T(
                "{host} gave {what}; the campaign may have been taken, or not. It is read back.",
                host=self.host,
                what=reason,
            )
            return OutcomeUnknown(text, retry_after=answer.retry_after, detail=f"HTTP {answer.status}")
        text = T("{host} gave {what}. Check address, e-mail and token.", host=self.host, what=reason)
        return UnreadableAnswer(text, detail=f"HTTP {answer.status}")

    def _words(self, messages: tuple[str, ...]) -> str:
        """Return the platform's words for people: few, short, printable, without secrets."""
        shown = [_short(self._redactor.text(message[:_LOOKED_AT])) for message in messages[:_MOST_MESSAGES]]
        if len(messages) > _MOST_MESSAGES:
            shown.append(f"… (+{len(messages) - _MOST_MESSAGES})")
        return "; ".join(shown)


def _telling_code(status: int, complaint: Complaint | None) -> int | None:
    inner = complaint.code if complaint else None
    if status in _ACCEPTED:
        return inner
    return inner if status in _VAGUE and inner in range(400, 600) else status


def _short(message: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in message)
    plain = " ".join(printable.split())
    return plain if len(plain) <= _LONGEST_MESSAGE else f"{plain[: _LONGEST_MESSAGE - 1]}…"
