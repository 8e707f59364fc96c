"""CresceVendas as a discount target: reads what is live, replaces a store's campaign."""

import asyncio
import contextlib
from collections.abc import Collection, Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from core.catalogue.lines import LiveLine
from core.errors import (
    CredentialsRefused,
    HalfSent,
    OutcomeUnknown,
    OutsideError,
    PauseAsked,
    Refused,
    TemporarilyUnavailable,
    Unreachable,
)
from core.redact import Redactor
from core.texts import T, Text
from core.windows import Window
from integrations.contract import Campaign, ModuleContext, Probe, StoreRef, UploadReceipt
from integrations.crescevendas import sending
from integrations.crescevendas.answers import BUSY_WAIT, Judge
from integrations.crescevendas.fields import Names
from integrations.crescevendas.probe import run_probe
from integrations.crescevendas.reading import LiveReader
from integrations.crescevendas.settings import STORE_ZONE, CresceVendasSettings
from integrations.health import Health
from integrations.http import Answer, HttpPolicy, LastLook

_RAW_BYTES = 4096
_RAW_LOOKED_AT = 2 * _RAW_BYTES
_HOME = ZoneInfo("America/Sao_Paulo")
"""The platform's own zone, where a probe needs one without a store."""
_PART_TRIES = 3
_BETWEEN_TRIES = 30.0
"""Seconds before a part that was not taken is sent again, unless the platform names others."""


class _Begun(Exception):
    """A part had its turn when its campaign had begun, with a start that lay in the past."""


def _not_taken(number: int, reason: Text) -> Text:
    return T("Part {n} of the campaign was not taken. {reason}", n=number, reason=reason)


class CresceVendasConnection:
    """One integration's line to the platform (`integrations.contract.DiscountTarget`)."""

    def __init__(self, settings: CresceVendasSettings, context: ModuleContext) -> None:
        token = settings.token.get_secret_value()
        secrets = (token, settings.email)
        self.lead = timedelta(minutes=settings.lead_minutes)
        self._clock = context.clock
        self._zone = None if settings.platform_timezone == STORE_ZONE else ZoneInfo(settings.platform_timezone)
        self._headers = {
            "X-AdminUser-Email": settings.email,
            "X-AdminUser-Token": token,
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        self._client = context.http(
            settings.base_url,
            HttpPolicy(
                requests_per_minute=settings.requests_per_minute or None,
                max_parallel=settings.max_parallel,
                read_timeout=settings.timeout_seconds,
                busy_wait=BUSY_WAIT,
                secrets=secrets,
            ),
        )
        self._redactor = Redactor(secrets)
        self._judge = Judge(self._client.where, self._redactor)
        self._reader = LiveReader(self._client, self._headers, self._judge, settings.line_fields, context.helper)
        self._names = Names.accepted(settings.line_fields.model_dump())
        self._writer = sending.UploadWriter(settings)

    @property
    def health(self) -> Health:
        return self._client.health

    async def live(self, store: StoreRef, window: Window) -> Collection[LiveLine]:
        """Read the store's lines of that day (`protocols/crescevendas.md` 3); see the contract."""
        with self._shutting():
            return await self._reader.read(store, window, self._zone or store.zone)

    async def upload(self, campaign: Campaign) -> UploadReceipt:
        """Send the campaign once, in parts if so set up (`protocols/crescevendas.md` 2).

        See the contract for errors. Once the first part is live, half a campaign would be worse than a whole one:
        nothing stops the others, and one that was clearly not taken for a passing reason is sent again, unless
        its campaign would begin meanwhile or a long pause is asked for. When one fails all the same, the outcome
        counts as unknown, whatever it was, and is read back; HalfSent says that sending it all anew may help.
        """
        bodies = self._writer.bodies(campaign, self._zone or campaign.store.zone)
        receipt = self._receipt(await self._send(next(bodies), campaign.leaving))
        for number, body in enumerate(bodies, start=2):
            try:
                receipt = self._receipt(await self._send_later_part(body, campaign.window))
            except (Refused, CredentialsRefused) as error:
                raise OutcomeUnknown(_not_taken(number, error.text), detail=error.detail) from error
            except OutsideError as error:
                raise HalfSent(_not_taken(number, error.text), detail=error.detail) from error
            except _Begun:
                raise HalfSent(_not_taken(number, T("The campaign had begun by then."))) from None
        return receipt

    async def probe(self) -> Probe:
        """Log in and look at one answer; see `probe.run_probe`."""
        return await run_probe(self._reader, self._judge, self._names, self._zone or _HOME, self._clock.now())

    async def close(self) -> None:
        await self._client.close()

    async def _send(self, body: bytes, leaving: LastLook | None = None) -> Answer:
        with self._shutting():
            answer = await self._client.post(sending.PATH, content=body, headers=self._headers, leaving=leaving)
            try:
                self._judge.accept_upload(answer)
            except TemporarilyUnavailable as error:
                self._client.rest(error.retry_after or 0.0)
                raise
        return answer

    async def _send_later_part(self, body: bytes, window: Window) -> Answer:
        async def look() -> None:
            if self._clock.now() >= window.start:
                raise _Begun

        for _ in range(_PART_TRIES - 1):
            try:
                return await self._send(body, look)
            except PauseAsked:
                raise
            except (Unreachable, TemporarilyUnavailable) as error:
                asked = getattr(error, "retry_after", None)
                wait = _BETWEEN_TRIES if asked is None else asked
                if wait > self._client.policy.max_wait:
                    raise
            await asyncio.sleep(wait)
        return await self._send(body, look)

    @contextlib.contextmanager
    def _shutting(self) -> Iterator[None]:
        """Let no call begin after the first refused login, whatever already waits (`rules.md` 3.7)."""
        try:
            yield
        except CredentialsRefused as error:
            self._client.shut(error)
            raise

    def _receipt(self, answer: Answer) -> UploadReceipt:
        """Keep the raw answer: without secrets first, then cut to 4 KB."""
        text = self._redactor.text(answer.body[:_RAW_LOOKED_AT].decode("utf-8", "replace"))
        return UploadReceipt(answer.status, text.encode()[:_RAW_BYTES].decode("utf-8", "ignore"))
