"""Logging in (`rp.md` 2): one token for all workers, one try per refused password.

Accounts get locked by hammering. So a refused login is remembered, and nothing more is
sent until the integration is connected anew with other credentials (`rules.md` 3.7).
"""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from core.clock import Clock
from core.errors import CredentialsRefused, OutsideError, Refused, TemporarilyUnavailable, UnreadableAnswer
from core.texts import T
from integrations.answer import Answer
from integrations.http import HttpClient
from integrations.rp import answers
from integrations.rp.fields import plain
from integrations.rp.settings import RpSettings

log = structlog.get_logger(__name__)

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
ASSUMED_LIFE = timedelta(minutes=50)
EARLY = timedelta(seconds=60)
_LONGEST_LIFE = timedelta(days=400)
_FORMATS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M")
_ABOUT_LOGIN = re.compile(r"autentic|autoriz|usuario|senha|credencia|login|acesso|bloquead|authenti|password|denied")
# What goes by without anybody correcting the login; a word of the person's own account or password outweighs it.
_PASSING = re.compile(
    r"manutenc|indisponi|mais tarde|temporari|sobrecarreg|tempo (limite|esgotado)|time-?out|falha ao carregar"
    r"|banco de dados|conexao|database|connection|maintenance|unavailable|try again|overload"
)
_PERSONAL = re.compile(r"usuario|senha|credencia|bloquead|tentativas|user|password|account|attempts|denied")
_FIT_FOR_HEADER = re.compile(r"[\x21-\x7e]{1,8192}")
_SHORT = 500
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Token:
    """Headers that prove the login; `renew_at` None for a token that does not expire."""

    headers: Mapping[str, str] = field(repr=False)
    renew_at: datetime | None = None


class Login:
    """Hands out the token; logs in when there is none, it is about to expire, or was refused."""

    def __init__(self, http: HttpClient, settings: RpSettings, clock: Clock) -> None:
        self._http = http
        self._settings = settings
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._refused: CredentialsRefused | None = None

    @property
    def until(self) -> datetime | None:
        """Until when the present token counts; None for none, or one that does not expire."""
        renew_at = None if self._token is None else self._token.renew_at
        return None if renew_at is None else renew_at + EARLY

    async def token(self) -> Token:
        """Return a token worth trying. Raises CredentialsRefused and what a call may raise."""
        async with self._lock:
            self._check_refused()
            if self._token is None or self._is_ending(self._token):
                self._token = await self._obtain()
            return self._token

    async def replaced(self, old: Token) -> Token:
        """Return another token than `old`, which was answered with 401."""
        async with self._lock:
            self._check_refused()
            if self._token is old:
                self._token = None
            if self._token is None:
                self._token = await self._obtain(after_refusal=True)
            return self._token

    def _check_refused(self) -> None:
        if self._refused is not None:
            raise CredentialsRefused(self._refused.text)

    def _is_ending(self, token: Token) -> bool:
        return token.renew_at is not None and self._clock.now() >= token.renew_at

    async def _obtain(self, *, after_refusal: bool = False) -> Token:
        try:
            if fixed := self._settings.fixed_token.get_secret_value():
                return self._fixed(fixed, after_refusal=after_refusal)
            return await self._log_in()
        except CredentialsRefused as error:
            self._refused = error
            raise

    def _fixed(self, token: str, *, after_refusal: bool) -> Token:
        if after_refusal:
            raise CredentialsRefused(T("The ERP does not accept the fixed token. Enter a new one."))
        return Token(self._header(token))

    async def _log_in(self) -> Token:
        """Log in; only faults that have nothing to do with the password are tried again."""
        for attempt in range(1, _TRIES + 1):
            answer = await self._http.post(
                f"/{self._settings.auth_version}/auth",
                content=self._credentials(),
                headers={"Content-Type": "application/json", "Accept": "application/json"},
                retry=True,
            )
            try:
                return self._read(answer)
            except (TemporarilyUnavailable, UnreadableAnswer, answers.ErpError) as error:
                if attempt == _TRIES:
                    raise
                log.info("rp_login_fault", attempt=attempt, error=str(error))
            await asyncio.sleep(self._http.policy.backoff * attempt)
        raise AssertionError  # pragma: no cover - the loop ends by return or raise

    def _credentials(self) -> bytes:
        password = self._settings.password.get_secret_value()
        return json.dumps({"usuario": self._settings.username, "senha": password}).encode()

    def _read(self, answer: Answer) -> Token:
        if error := refusal(answer):
            raise error
        document = answers.accept(answer)
        token = find_token(document)
        if _FIT_FOR_HEADER.fullmatch(token):
            headers = self._header(token)
        elif self._settings.auth_version == "v1.0" and "set-cookie" in answer.headers:
            headers = {}
        else:
            raise Refused(T("The ERP accepted the login but gave no usable token. Try another login version."))
        now = self._clock.now()
        life = expiry(document, now) - now
        return Token(headers, now + life - min(EARLY, life / 2))

    def _header(self, token: str) -> dict[str, str]:
        match self._settings.auth_header:
            case "token":
                return {"token": token}
            case "bearer":
                return {"Authorization": f"Bearer {token}"}
            case "authorization_token":
                return {"Authorization": f"token {token}"}


def refusal(answer: Answer) -> OutsideError | None:
    """Return the error if a login's answer is a clear no, in any of its ways (`rp.md` 2.3)."""
    refused = CredentialsRefused(
        T("The ERP does not accept user and password. Correct them before they are tried again.")
    )
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return refused
    try:
        document = answers.parse(answer.body)
    except ValueError:
        return refused if answer.status >= HTTPStatus.BAD_REQUEST and _short_words(answer.body) else None
    if not isinstance(document, dict):
        return None
    if answer.status == HTTPStatus.OK and answers.is_ok(document):
        return None
    message = answers.first_message(document)
    # In doubt a status error is a refusal: too many wrong passwords lock an account.
    if answer.status == HTTPStatus.OK or _about_login(message):
        return _passing() if _goes_by(message) else refused
    if answer.status == HTTPStatus.NOT_FOUND:
        return Refused(T("The ERP has no login of this version. Choose another login version."))
    return None


def _short_words(body: bytes) -> bool:
    """Tell a bare sentence about the login from a web page or a cut document."""
    text = body[:_SHORT].decode("latin-1")
    return len(body) < _SHORT and "<" not in text and _about_login(body.decode("utf-8", "replace"))


def _passing() -> OutsideError:
    return TemporarilyUnavailable(T("The ERP lets nobody in just now. Try again later."))


def _goes_by(message: str) -> bool:
    """Tell a sentence about the ERP's own state, such as its maintenance, from one about user and password."""
    words = plain(message).lower()
    return _PASSING.search(words) is not None and _PERSONAL.search(words) is None


def _about_login(message: str) -> bool:
    return _ABOUT_LOGIN.search(plain(message).lower()) is not None


def find_token(document: Mapping[str, Any]) -> str:
    """Return the token from any of its three places, or nothing (`rp.md` 2.1)."""
    return next((token for place in _places(document) if (token := answers.text_of(place, "token"))), "")


def expiry(document: Mapping[str, Any], now: datetime) -> datetime:
    """Return when the token ends: `expiresIn`, else any date format, else 50 minutes from `now`.

    An end in the past says that the clocks differ, not that the login failed.
    """
    places = _places(document)
    for place in places:
        seconds = answers.text_of(place, "expiresin").strip()
        if seconds.isascii() and seconds.isdigit() and 0 < len(seconds) < len("100000000"):
            life = timedelta(seconds=int(seconds))
            if life:
                return now + life
    for place in places:
        ends = _instant(answers.text_of(place, "tokenexpiration").strip())
        if ends and now < ends < now + _LONGEST_LIFE:
            return ends
    return now + ASSUMED_LIFE


def _places(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    outer = answers.envelope(document)
    inner = answers.look(outer, "content")
    return [outer, *([inner] if isinstance(inner, dict) else []), document]


def _instant(text: str) -> datetime | None:
    """Read a date of any known format; without offset it is São Paulo's time."""
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=SAO_PAULO)
        except ValueError:
            continue
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=SAO_PAULO)
