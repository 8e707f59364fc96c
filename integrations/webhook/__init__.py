"""A signed webhook as a channel (CH-14): a notice becomes a post that its receiver can trust."""

import hmac
from http import HTTPStatus
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec

from core.errors import CredentialsRefused, Refused, TemporarilyUnavailable
from core.ids import new_id
from core.texts import T, Text
from integrations.contract import Capability, Module, ModuleContext, Notice, Probe, SettingsModel
from integrations.http import Answer, HttpPolicy
from integrations.webhook.settings import WebhookSettings

PING = "ping"
_LOOKED_AT = 64


class WebhookConnection:
    """Posts notices to one address (`integrations.contract.Notifier`)."""

    def __init__(self, settings: WebhookSettings, context: ModuleContext) -> None:
        self._key = settings.secret.get_secret_value()
        self._clock = context.clock
        parts = urlsplit(settings.base_url)
        self._path = parts.path
        # One attempt: whoever asks for the delivery tries again, over hours if need be.
        policy = HttpPolicy(
            attempts=1,
            read_timeout=settings.timeout_seconds,
            connect_timeout=settings.timeout_seconds,
            max_body=1024 * 1024,
            verify_tls=settings.verify_tls,
            secrets=(self._key,),
        )
        self._client = context.http(f"{parts.scheme}://{parts.netloc}", policy)

    async def probe(self) -> Probe:
        """Post a `ping`, which tells nothing."""
        answer = await self._post(Notice(new_id(), PING, "", [], self._clock.now()))
        note = T("It took a signed “ping”. Whether it checks the signature, only its log tells.")
        return Probe(self._client.where, answer.took, [note])

    async def notify(self, notice: Notice) -> Text:
        """Post a notice; see the contract for errors."""
        answer = await self._post(notice)
        return T("{host} took the post (HTTP {status}).", host=self._client.where, status=str(answer.status))

    async def close(self) -> None:
        await self._client.close()

    async def _post(self, notice: Notice) -> Answer:
        body = msgspec.json.encode(
            {
                "id": notice.id,
                "event": notice.event,
                "time": notice.at.isoformat(),
                "title": _encodable(notice.title),
                "lines": [_encodable(line) for line in notice.lines],
            }
        )
        # The id lets the receiver tell a second try, so that trying again does no harm.
        answer = await self._client.post(self._path, content=body, headers=self._headers(notice.id, body), retry=True)
        self._judge(answer)
        return answer

    def _headers(self, notice_id: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock.now().timestamp()))
        return {
            "Content-Type": "application/json",
            "X-Chimera-Id": notice_id,
            "X-Chimera-Timestamp": timestamp,
            "X-Chimera-Signature": sign(self._key, timestamp, body),
        }

    def _judge(self, answer: Answer) -> None:
        """Raise unless the answer says that the post was taken."""
        host, status = self._client.where, answer.status
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise CredentialsRefused(
                T("{host} does not accept the signature (HTTP {status}). Check the key.", host=host, status=str(status))
            )
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TemporarilyUnavailable(T("{host} has a fault (HTTP {status}).", host=host, status=str(status)))
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise Refused(
                T("{host} does not take the post (HTTP {status}). Check the address.", host=host, status=str(status))
            )
        if answer.body[:_LOOKED_AT].lstrip().lower().startswith((b"<!doctype html", b"<html")):
            raise Refused(T("{host} answers with a web page. Check the address.", host=host))


class WebhookModule:
    """Kept by the registry under `webhook`."""

    name: ClassVar[str] = "webhook"
    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.CHANNEL})
    Settings: ClassVar[type[SettingsModel]] = WebhookSettings

    def connect(self, settings: SettingsModel, context: ModuleContext) -> WebhookConnection:
        """Bind address and key."""
        if not isinstance(settings, WebhookSettings):
            raise TypeError(type(settings).__name__)
        return WebhookConnection(settings, context)


def sign(key: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a post: `v1=` and an HMAC-SHA256 over timestamp, dot and body."""
    return "v1=" + hmac.new(key.encode(), timestamp.encode() + b"." + body, "sha256").hexdigest()


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def register() -> Module:
    """Return the module (entry point of `module.json`)."""
    return WebhookModule()
