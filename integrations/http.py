"""The one door to the outside over HTTP: aiohttp stays in here (CH-5, `rules.md` 7.1).

Every complete answer comes back as an `Answer`, whatever its status; everything else becomes
one of Chimera's errors, which says whether the request may have been processed.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from random import uniform
from urllib.parse import quote, urlencode

import aiohttp
import stamina
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import ContentEncodingError
from yarl import URL

from core.clock import Clock, SystemClock
from core.courtesy import Courtesy
from core.errors import (
    BadInput,
    CredentialsRefused,
    OutcomeUnknown,
    OutsideError,
    PauseAsked,
    TemporarilyUnavailable,
    Unreachable,
)
from core.redact import Redactor
from core.texts import T
from integrations.addresses import GuardedResolver, check_literal
from integrations.answer import Answer as Answer  # noqa: PLC0414 - modules take all they need for HTTP from here
from integrations.breaker import Breaker, CircuitState
from integrations.health import Call, Health
from integrations.http_errors import Complaints
from integrations.limits import Rest, SlidingWindow

_NOT_NOW = frozenset({429, 502, 503, 504})
_ABOUT_THE_HOST = (Unreachable, TemporarilyUnavailable, OutcomeUnknown)
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": "Chimera"}
_KEEP_ALIVE = 30.0
_BUFFER = 512 * 1024
"""Bytes that may wait in a connection: a whole page, which then comes without stopping the other side."""
_LARGE = 64 * 1024
"""Reading an answer of that size takes long enough for others to notice."""
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._~%-]*")
_DAY = 86_400.0
_SLOWEST = 10
"""A whole answer may take this many read time-outs: a server that trickles is cut off too."""


LastLook = Callable[[], Awaitable[None]]
"""What is awaited when a call has its turn at last: it may raise what ends the call, of which nothing left then."""


@dataclass(frozen=True, slots=True)
class HttpPolicy:
    """How one integration is called. Seconds and bytes; `secrets` never appear in log or error.

    `requests_per_minute` is exact: never more starts than that in any 60 s. `attempts` is the
    number of tries of a safe request; `backoff` grows and is jittered; a Retry-After wins, and so does
    `busy_wait` after a 429 without one. Such a pause holds for every call to the host; one beyond `max_wait`
    is left to the callers.
    """

    requests_per_minute: int | None = None
    max_parallel: int | None = None
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    attempts: int = 3
    backoff: float = 0.5
    max_wait: float = 120.0
    busy_wait: float | None = None
    max_body: int = 32 * 1024 * 1024
    verify_tls: bool = True
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class _Order:
    method: str
    path: str
    safe: bool
    params: Mapping[str, str | int] | None
    content: bytes | None
    headers: Mapping[str, str] | None
    read_timeout: float | None
    leaving: LastLook | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    """An order as aiohttp takes it."""

    method: str
    url: URL
    headers: Mapping[str, str]
    content: bytes | None
    timeout: aiohttp.ClientTimeout


class _Idle(ResponseHandler):
    """A connection that is not used again once something came on it unasked: that would be read as the next answer."""

    def is_connected(self) -> bool:
        """Tell the pool whether the next call may have it."""
        return super().is_connected() and not self.should_close


class _TooLarge(Exception):
    """The answer is longer than `max_body`."""


class HttpClient:
    """Talks to one host under one policy; shared by everything that uses the integration.

    Keeps cookies. Makes no call before the first request; belongs to one event loop. `name` is the
    integration's: people are told of it, and of the address behind it.
    """

    def __init__(
        self,
        base_url: str,
        policy: HttpPolicy,
        *,
        clock: Clock | None = None,
        breaker: Breaker | None = None,
        courtesy: Courtesy | None = None,
        name: str = "",
    ) -> None:
        self.policy = policy
        self._clock = clock or SystemClock()
        self._breaker = breaker or Breaker()
        self._window = SlidingWindow(policy.requests_per_minute) if policy.requests_per_minute else None
        self._places = asyncio.Semaphore(policy.max_parallel) if policy.max_parallel else None
        self._rest = Rest()
        redactor = Redactor(policy.secrets)
        self.health = Health(redactor, self._breaker, self._window, self._rest)
        base = _base(base_url)
        self.host = base.host_port_subcomponent or ""
        self.where = f"{name} ({self.host})" if name else self.host
        self._errors = Complaints(self.where, redactor)
        self._literal = base.host or ""
        self._base = str(base.with_user(None).with_query(None).with_fragment(None)).rstrip("/")
        self._session: aiohttp.ClientSession | None = None
        self._courtesy = courtesy or Courtesy()
        self._refused: CredentialsRefused | None = None

    def __repr__(self) -> str:
        return f"HttpClient({self.host!r})"

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout: float | None = None,
    ) -> Answer:
        """Read something; tried again after faults and 'not now' answers.

        Raises Unreachable, TemporarilyUnavailable, UnreadableAnswer, AddressRefused.
        """
        return await self._safe(_Order("GET", path, True, params, None, headers, read_timeout))

    async def post(
        self,
        path: str,
        *,
        content: bytes,
        headers: Mapping[str, str] | None = None,
        retry: bool = False,
        read_timeout: float | None = None,
        leaving: LastLook | None = None,
    ) -> Answer:
        """Send something, exactly once unless `retry` says that sending again does no harm.

        Without `retry` also raises OutcomeUnknown when the request may have been processed. A call may wait
        minutes for its turn: `leaving` looks then whether it shall go still.
        """
        order = _Order("POST", path, retry, None, content, headers, read_timeout, leaving)
        if retry:
            return await self._safe(order)
        await self._check_circuit()
        return await self._in_turn(order)

    def shut(self, error: CredentialsRefused) -> None:
        """Begin no call any more, those that wait for their turn included: each is refused as this one was."""
        self._refused = error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _safe(self, order: _Order) -> Answer:
        await self._check_circuit()
        async for attempt in stamina.retry_context(
            on=self._pause,
            attempts=self.policy.attempts,
            timeout=None,
            wait_initial=self.policy.backoff,
            wait_max=self.policy.max_wait,
            wait_jitter=self.policy.backoff,
        ):
            with attempt:
                answer = await self._in_turn(order)
                if answer.status in _NOT_NOW:
                    raise self._not_now(answer)
                return answer
        raise AssertionError  # pragma: no cover - the loop ends by return or raise

    def rest(self, seconds: float) -> None:
        """Let no call begin for so long: the other side asked one of them for a pause, in words of its own."""
        self._rest.ask(seconds)

    def _asked(self, answer: Answer) -> float | None:
        """Return the pause that a 'not now' asks for."""
        busy = answer.status == HTTPStatus.TOO_MANY_REQUESTS
        return self.policy.busy_wait if busy and answer.retry_after is None else answer.retry_after

    def _not_now(self, answer: Answer) -> TemporarilyUnavailable:
        asked = self._asked(answer)
        if asked is not None and asked > self.policy.max_wait:
            return self._errors.pause_asked(asked)
        return self._errors.not_now(answer.status, asked)

    def _pause(self, error: Exception) -> bool | float:
        """Tell the retry loop whether to try again, and when: never before the time that was asked for."""
        if isinstance(error, PauseAsked):
            return False
        if isinstance(error, TemporarilyUnavailable) and error.retry_after is not None:
            return error.retry_after + uniform(0, self.policy.backoff)  # noqa: S311
        return isinstance(error, TemporarilyUnavailable | Unreachable)

    async def _in_turn(self, order: _Order) -> Answer:
        """Make one try when concurrency, rate and circuit allow it. Whoever waits for a pause to end takes no place."""
        await self._rested()
        if self._places is None:
            return await self._at_rate(order)
        async with self._places:
            return await self._at_rate(order)

    async def _at_rate(self, order: _Order) -> Answer:
        request = self._request(order)
        start = await self._admitted()
        self.health.active += 1
        try:
            await self._let_go(order)
            answer = await self._exchange(order, request, start)
        except OutsideError as error:
            self._failed(order, start, error)
            raise
        except BaseException:
            # Cancelled, or a mistake of ours: kept, the place of a probe would bar the host for good.
            self._breaker.abandoned()
            raise
        finally:
            self.health.active -= 1
        self._answered(order, answer)
        if len(answer.body) >= _LARGE:
            await self._courtesy.turn()
        return answer

    async def _admitted(self) -> float:
        """Wait for a place under the rate, and return the time; pause and circuit let the call through by then."""
        while True:
            await self._rested()
            await self._breaker.verdict()
            if self._window is not None and self._refused is None:
                await self._window.start()
            if self._refused is not None:
                raise CredentialsRefused(self._refused.text)
            now = asyncio.get_running_loop().time()
            resting = self._rest.left()
            wait = 0.0 if resting else self._breaker.admit(now)
            if not resting and not wait:
                return now
            if self._window is not None:
                self._window.give_back()
            if wait and self._breaker.state(now) is not CircuitState.HALF_OPEN:
                raise self._errors.circuit_open(wait)

    async def _rested(self) -> None:
        """Wait while the other side rests, whomever it asked for that. Raises PauseAsked where that is long."""
        while left := self._rest.left():
            if left > self.policy.max_wait:
                raise self._errors.pause_asked(left, of_others=True)
            await asyncio.sleep(left)

    async def _let_go(self, order: _Order) -> None:
        """Let a call go that has its turn, unless it shall not any more."""
        if order.leaving is None:
            return
        with ExitStack() as stayed:
            if self._window is not None:
                stayed.callback(self._window.give_back)
            await order.leaving()
            stayed.pop_all()

    def _answered(self, order: _Order, answer: Answer) -> None:
        if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self._breaker.succeeded()
        else:
            self._breaker.failed(asyncio.get_running_loop().time())
        if answer.status in _NOT_NOW:
            self._rest.ask(self._asked(answer) or 0.0)
        call = Call(self._clock.now(), order.method, order.path, answer.took, status=answer.status)
        self.health.record(call)

    def _failed(self, order: _Order, start: float, error: OutsideError) -> None:
        now = asyncio.get_running_loop().time()
        if isinstance(error, _ABOUT_THE_HOST):
            self._breaker.failed(now)
        else:
            self._breaker.abandoned()
        took = timedelta(seconds=now - start)
        problem = type(error).__name__
        self.health.record(Call(self._clock.now(), order.method, order.path, took, problem=problem))

    async def _exchange(self, order: _Order, request: _Request, start: float) -> Answer:
        try:
            async with asyncio.timeout(self._deadline(order)):
                response = await self._send(request)
                async with response:
                    body = await self._body(response)
        except _TooLarge as error:
            raise self._errors.unreadable(T("the answer is too large"), safe=order.safe) from error
        except (aiohttp.ClientError, OSError) as error:
            if isinstance(error.__cause__, ContentEncodingError):
                raise self._errors.unreadable(T("the answer is damaged"), safe=order.safe) from error
            raise self._errors.translate(error, safe=order.safe) from None
        took = timedelta(seconds=asyncio.get_running_loop().time() - start)
        return Answer(response.status, response.headers, body, took, _retry_after(response.headers))

    def _deadline(self, order: _Order) -> float:
        return self.policy.connect_timeout + (order.read_timeout or self.policy.read_timeout) * _SLOWEST

    async def _send(self, request: _Request) -> aiohttp.ClientResponse:
        if self._session is None:
            self._session = self._open_session()
        try:
            return await self._session.request(
                request.method,
                request.url,
                headers=request.headers,
                data=request.content,
                timeout=request.timeout,
                allow_redirects=False,
            )
        finally:
            if self._window is not None:
                self._window.arrived()

    def _request(self, order: _Order) -> _Request:
        connect = self.policy.connect_timeout
        headers = {**_HEADERS, **order.headers} if order.headers else _HEADERS
        timeout = aiohttp.ClientTimeout(
            connect=connect, sock_connect=connect, sock_read=order.read_timeout or self.policy.read_timeout
        )
        return _Request(order.method, self._url(order), headers, order.content or None, timeout)

    def _url(self, order: _Order) -> URL:
        """Return the whole address; a plain path needs no second look at its quoting."""
        query = f"?{urlencode(order.params, quote_via=quote, safe='')}" if order.params else ""
        address = f"{self._base}/{order.path.lstrip('/')}{query}"
        return URL(address, encoded=_PLAIN_PATH.fullmatch(order.path) is not None)

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        received: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > self.policy.max_body:
                raise _TooLarge
            received.append(chunk)
        return b"".join(received)

    def _open_session(self) -> aiohttp.ClientSession:
        """Open the connections: checked addresses only, cookies of bare addresses too, nothing sent or heard twice."""
        check_literal(self._literal)
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(),
            ssl=self.policy.verify_tls,
            limit=self.policy.max_parallel or 0,
            keepalive_timeout=_KEEP_ALIVE,
        )
        # There is no public way to say what a connection is made of.
        connector._factory = partial(_Idle, loop=asyncio.get_running_loop())  # type: ignore[assignment]  # noqa: SLF001
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            skip_auto_headers=("Content-Type",),
            read_bufsize=_BUFFER,
        )
        session._retry_connection = False  # noqa: SLF001 - a hidden resend would escape limit and count
        return session

    async def _check_circuit(self) -> None:
        """Let nobody on whose host rests; while one call finds out whether it is back, the others wait for that."""
        await self._breaker.verdict()
        if wait := self._breaker.wait(asyncio.get_running_loop().time()):
            raise self._errors.circuit_open(wait)


def _base(address: str) -> URL:
    try:
        url = URL(address)
    except ValueError as error:
        raise BadInput(T("The address is not valid: {reason}.", reason=str(error))) from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise BadInput(T("The address must begin with https:// or http:// and name a host."))
    return url


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After, a day at most; a date counts from the answer's own Date, so clocks need not agree."""
    value = headers.get("Retry-After")
    if value is None:
        return None
    if value.strip().isdecimal():
        return min(float(value), _DAY)
    try:
        then, now = parsedate_to_datetime(value), parsedate_to_datetime(headers["Date"])
        return min(max((then - now).total_seconds(), 0.0), _DAY)
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
