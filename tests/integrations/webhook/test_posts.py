"""Webhooks against a real HTTP server on loopback: signed, judged, and never followed elsewhere."""

import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from core.clock import ManualClock
from core.errors import CredentialsRefused, OutsideError, Refused, TemporarilyUnavailable
from integrations.contract import ModuleContext, Notice, Notifier
from integrations.http import HttpClient
from integrations.webhook import WebhookConnection, register
from tests.kit.answering import serving

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
KEY = "invented-key-4711"


def notice(title: str = "Daily sync: partial") -> Notice:
    return Notice("n-1", "partial", title, ["2 of 3 stores are verified.", 'a "quote" \ud800'], NOW)


class Receiver:
    """Keeps what it gets and answers with one status and text."""

    def __init__(self, status: int = 204, text: str = "", headers: dict[str, str] | None = None) -> None:
        self.status, self.text, self.headers = status, text, headers
        self.seen: list[tuple[str, dict[str, str], bytes]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append((request.path, dict(request.headers), await request.read()))
        return web.Response(status=self.status, text=self.text, headers=self.headers)


@asynccontextmanager
async def hooked(receiver: Receiver) -> AsyncIterator[WebhookConnection]:
    async with serving(receiver.answer) as url:
        fields = {"base_url": f"{url}/hooks/chimera", "secret": KEY, "timeout_seconds": 2}
        connection = register().connect(
            register().Settings.model_validate(fields), ModuleContext("Hook", ManualClock(NOW), HttpClient)
        )
        assert isinstance(connection, WebhookConnection)
        assert isinstance(connection, Notifier)
        try:
            yield connection
        finally:
            await connection.close()


async def test_a_post_carries_the_notice_and_a_signature_that_its_receiver_can_check() -> None:
    receiver = Receiver()
    async with hooked(receiver) as hook:
        await hook.notify(notice())

    ((path, headers, body),) = receiver.seen
    assert path == "/hooks/chimera"
    assert json.loads(body) == {
        "id": "n-1",
        "event": "partial",
        "time": "2026-11-23T08:00:00+00:00",
        "title": "Daily sync: partial",
        "lines": ["2 of 3 stores are verified.", 'a "quote" ?'],
    }
    assert headers["X-Chimera-Id"] == "n-1"
    assert headers["X-Chimera-Timestamp"] == str(int(NOW.timestamp()))
    signed = headers["X-Chimera-Timestamp"].encode() + b"." + body
    assert headers["X-Chimera-Signature"] == "v1=" + hmac.new(KEY.encode(), signed, "sha256").hexdigest()
    assert KEY not in f"{headers} {body!r}"


@pytest.mark.parametrize(
    ("receiver", "error"),
    [
        (lambda: Receiver(302, headers={"Location": "/elsewhere"}), Refused),
        (lambda: Receiver(400), Refused),
        (lambda: Receiver(404), Refused),
        (lambda: Receiver(401), CredentialsRefused),
        (lambda: Receiver(403), CredentialsRefused),
        (lambda: Receiver(429), TemporarilyUnavailable),
        (lambda: Receiver(500), TemporarilyUnavailable),
        (lambda: Receiver(503, headers={"Retry-After": "900"}), TemporarilyUnavailable),
        (lambda: Receiver(200, "\n<HTML><h1>Welcome"), Refused),
    ],
)
async def test_what_is_no_clear_yes_is_an_error_and_posted_once_only(
    receiver: Callable[[], Receiver], error: type[OutsideError]
) -> None:
    made = receiver()
    async with hooked(made) as hook:
        with pytest.raises(error) as caught:
            await hook.notify(notice())

    assert [path for path, _, _ in made.seen] == ["/hooks/chimera"]
    assert "127.0.0.1" in str(caught.value.text)


async def test_a_plain_word_with_200_is_a_yes() -> None:
    async with hooked(Receiver(200, "ok")) as hook:
        await hook.notify(notice())


async def test_a_probe_tells_nothing() -> None:
    receiver = Receiver()
    async with hooked(receiver) as hook:
        await hook.probe()

    ((_, _, body),) = receiver.seen
    told: dict[str, Any] = json.loads(body)
    assert (told["event"], told["title"], told["lines"]) == ("ping", "", [])
