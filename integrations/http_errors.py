"""Turns what can go wrong in a call into Chimera's errors, in words for people (`rules.md` 3.3).

The words name host and trouble; never contents, queries or tokens.
"""

import math

import aiohttp

from core.errors import (
    RESTS,
    OutcomeUnknown,
    OutsideError,
    PauseAsked,
    TemporarilyUnavailable,
    Unreachable,
    UnreadableAnswer,
)
from core.redact import Redactor
from core.texts import TN, T, Text

_NOTHING_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class Complaints:
    """Makes the errors of one host; `safe` means that the request may be sent again.

    `where` names it for people: the integration, and the address behind it.
    """

    def __init__(self, where: str, redactor: Redactor) -> None:
        self.where = where
        self._redactor = redactor

    def circuit_open(self, wait: float) -> TemporarilyUnavailable:
        return TemporarilyUnavailable(Text(RESTS, {"host": self.where}), retry_after=wait)

    def pause_asked(self, seconds: float, *, of_others: bool = False) -> PauseAsked:
        minutes = math.ceil(seconds / 60)
        text = TN(
            "{host} asks for a pause of {n} minute. Try again then.",
            "{host} asks for a pause of {n} minutes. Try again then.",
            minutes,
            host=self.where,
        )
        return PauseAsked(text, seconds, of_others=of_others)

    def not_now(self, status: int, retry_after: float | None) -> TemporarilyUnavailable:
        text = T("{host} cannot answer now (HTTP {status}). Try again later.", host=self.where, status=status)
        return TemporarilyUnavailable(text, retry_after=retry_after)

    def unreadable(self, reason: Text, *, safe: bool) -> OutsideError:
        if not safe:
            return self._unknown(reason, "")
        return UnreadableAnswer(T("{host}: {reason}. Tell its operator.", host=self.where, reason=reason))

    def translate(self, error: Exception, *, safe: bool) -> OutsideError:
        """Turn a library's error into ours."""
        detail = self._redactor.text(f"{type(error).__name__}: {error}")
        if isinstance(error, _NOTHING_SENT):
            return self._unreachable(_connect_reason(error), detail)
        reason = _exchange_reason(error)
        if not safe:
            return self._unknown(reason, detail)
        text = T("{host} did not answer properly: {reason}. Try again later.", host=self.where, reason=reason)
        return TemporarilyUnavailable(text, detail=detail)

    def _unreachable(self, reason: Text, detail: str) -> Unreachable:
        text = T(
            "{host} cannot be reached: {reason}. Check address, network and firewall.",
            host=self.where,
            reason=reason,
        )
        return Unreachable(text, detail=detail)

    def _unknown(self, reason: Text, detail: str) -> OutcomeUnknown:
        text = T(
            "{host} may have processed the request, or not: {reason}. Look before sending again.",
            host=self.where,
            reason=reason,
        )
        return OutcomeUnknown(text, detail=detail)


def _connect_reason(cause: Exception) -> Text:
    match cause:
        case aiohttp.ClientConnectorCertificateError():
            return T("its certificate is not trusted")
        case aiohttp.ClientConnectorSSLError():
            return T("no secure connection could be agreed")
        case aiohttp.ClientConnectorDNSError():
            return T("the name is unknown")
        case aiohttp.ConnectionTimeoutError():
            return T("no connection in time")
        case aiohttp.InvalidURL():
            return T("the address is not valid")
        case _:
            return T("the connection was refused")


def _exchange_reason(cause: Exception) -> Text:
    match cause:
        case TimeoutError():
            return T("no complete answer in time")
        case aiohttp.ClientPayloadError():
            return T("the answer was cut off")
        case aiohttp.ClientResponseError():
            return T("the answer is not HTTP")
        case _:
            return T("the connection broke")
