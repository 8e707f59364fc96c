"""One call to the API: logged in, judged, and tried again where that can help (`rp.md` 5)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import TypeVar

import structlog

from core.errors import OutsideError, Refused, TemporarilyUnavailable, UnreadableAnswer
from core.texts import T
from integrations.answer import Answer
from integrations.http import HttpClient
from integrations.rp.answers import ErpError
from integrations.rp.auth import Login, Token

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

_FAULT_TRIES = 3
_ERROR_TRIES = 2
"""An error that the ERP states repeats, as a rule; one further try tells."""


class RpClient:
    """Shared by all scans of an integration; faults of the transport are the HTTP client's."""

    def __init__(self, http: HttpClient, login: Login) -> None:
        self._http = http
        self._login = login

    async def call(
        self, path: str, params: Mapping[str, str | int], read: Callable[[Answer], Awaitable[Result]]
    ) -> Result:
        """Return what `read` makes of the answer.

        Faults and unreadable answers are tried three times, a stated error of the ERP twice
        (three times with HTTP 500). Raises OutsideError.
        """
        attempt = 0
        while True:
            answer = await self._authorised(path, params)
            try:
                return await read(answer)
            except (UnreadableAnswer, TemporarilyUnavailable, ErpError) as error:
                attempt += 1
                if attempt >= _tries(error, answer.status):
                    raise
                log.info("rp_fault", path=path, attempt=attempt, error=str(error))
            await asyncio.sleep(self._http.policy.backoff * attempt)

    async def _authorised(self, path: str, params: Mapping[str, str | int]) -> Answer:
        """Send with the token; a 401 is answered with one login and one repetition."""
        token = await self._login.token()
        answer = await self._get(path, params, token)
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return answer
        token = await self._login.replaced(token)
        answer = await self._get(path, params, token)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise Refused(T("The ERP accepts the login but not its token. Check the setting for the token header."))
        return answer

    async def _get(self, path: str, params: Mapping[str, str | int], token: Token) -> Answer:
        return await self._http.get(path, params=params, headers=token.headers)


def _tries(error: OutsideError, status: int) -> int:
    stated = isinstance(error, ErpError) and status < HTTPStatus.INTERNAL_SERVER_ERROR
    return _ERROR_TRIES if stated else _FAULT_TRIES
