"""The loyalty platform of `protocols/crescevendas.md` section 8."""

from __future__ import annotations

import asyncio
import hmac
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from sandbox.crescevendas.answers import Row, Writer, plain_refusal, refusal, sign_in_redirect
from sandbox.crescevendas.control import LineControl
from sandbox.crescevendas.ledger import Campaign, Ledger, PlatformLine, StoredLine, Window
from sandbox.crescevendas.options import PlatformOptions
from sandbox.crescevendas.paging import take_page
from sandbox.crescevendas.uploads import Refusal, Upload, decode, parse_moment, parse_upload
from sandbox.faults import SHARED_KINDS, Call, Fault, Faults
from sandbox.server import (
    FAULT,
    Clock,
    FakeServer,
    cut_answer,
    drop,
    hang,
    html_answer,
    json_answer,
    kinds_on,
    patched,
)

PATH = "/admin/integrations/discount_stores"
UPLOAD_PATH = PATH + "/batch_upload"
UPLOAD, READ, OTHER = "upload", "read", "other"
UNAUTHORISED = "Não autorizado"
KEPT_UPLOADS = 2000
MINUTE = timedelta(minutes=1)
# The upload is stored, then the answer goes wrong.
AFTER_STORING = (
    "store_then_time_out",
    "store_then_500",
    "store_then_cut",
    "store_then_html",
    "store_then_refuse",
)
KINDS = kinds_on(
    {
        **dict.fromkeys(AFTER_STORING, (UPLOAD,)),
        "lose_lines": (UPLOAD,),  # the last `parameter` (1) lines are accepted and not stored
        "alter_price": (UPLOAD,),  # the first line's final price is stored `parameter` (0.10) higher
        "delay_visibility": (UPLOAD,),  # `parameter` (20) seconds
        "inner_422": (UPLOAD, READ),  # with HTTP 200
        "success_false_200": (UPLOAD, READ),
        "redirect_302_html": (UPLOAD, READ, OTHER),
        "unknown_shape": (READ,),
        "empty_page": (READ,),  # no discounts, though there are some
    },
    SHARED_KINDS,
)


class PlatformServer(FakeServer):
    """A loyalty platform that knows some store registrations and one admin user.

    `options` holds the switches, `faults` the faults; both may change while it runs. `cut_body` on an upload
    leaves nothing stored, `store_then_cut` does. timezone: the zone of window times on the wire.
    """

    def __init__(
        self,
        stores: Iterable[str] = (),
        *,
        email: str = "integration@example.test",
        token: str = "invented-token",  # noqa: S107 - an invented value for a server on the loopback interface
        clock: Clock | None = None,
        timezone: str = "America/Sao_Paulo",
        port: int = 0,
    ) -> None:
        super().__init__(Faults(KINDS), clock, port)
        self.options = PlatformOptions()
        self.stores = list(stores)
        self._login = (email.encode(), token.encode())
        self._zone = ZoneInfo(timezone)
        self._ledger = Ledger()
        self._bodies: deque[bytes] = deque(maxlen=KEPT_UPLOADS)
        self._recent: deque[datetime] = deque()

    @property
    def uploads(self) -> list[dict[str, Any]]:
        """The upload bodies received, refused ones too; numbers with a point are exact decimals."""
        return [document for body in self._bodies if isinstance(document := decode(body), dict)]

    def local_now(self) -> datetime:
        """Return the time in the platform's zone, without an offset."""
        return self.now().astimezone(self._zone).replace(tzinfo=None)

    def add_store(self, registration: str) -> None:
        """Make a registration known."""
        if registration not in self.stores:
            self.stores.append(registration)

    def lines(self, registration: str) -> list[StoredLine]:
        """Return what is stored for a store and not replaced, visible yet or not."""
        return self._ledger.lines(registration)

    def add_foreign(self, registration: str, lines: Iterable[PlatformLine | Mapping[str, Any]], window: Window) -> None:
        """Add a campaign of somebody else, visible at once.

        Lines have code, price, final_price and limit; the window is local without an offset, or aware.
        """
        whole = [msgspec.convert(line, PlatformLine, from_attributes=True, strict=False) for line in lines]
        campaign = Campaign(
            campaign_id=self._ledger.next_id(),
            registrations=(registration,),
            name="Campanha de terceiros",
            start=self._local(window[0]),
            end=self._local(window[1]),
            lines=whole,
            visible_from=self.now(),
            foreign=True,
        )
        self._ledger.add(campaign, self.now(), override=False)

    def _local(self, moment: datetime) -> datetime:
        return moment if moment.tzinfo is None else moment.astimezone(self._zone).replace(tzinfo=None)

    def alter(self, registration: str, code: str, **changes: Any) -> int:
        """Change price, final_price or limit of the stored lines of a code; returns how many there were."""
        return self._ledger.alter(registration, code, changes)

    def erase(self, registration: str, codes: Iterable[str] | None = None) -> None:
        """Take a store's lines with some codes away, or all of them."""
        self._ledger.erase(registration, codes)

    def change_credentials(self, email: str, token: str) -> None:
        """Make another login the only right one."""
        self._login = (email.encode(), token.encode())

    def reset(self) -> None:
        """Forget faults, switches, journal, clock, uploads and every line; stores stay."""
        super().reset()
        self.options = PlatformOptions()
        self._ledger.clear()
        self._bodies.clear()
        self._recent.clear()

    def state(self) -> dict[str, Any]:
        """Return the stores with the number of their lines, and the switches."""
        stores = {registration: len(self.lines(registration)) for registration in self.stores}
        return {"stores": stores, "options": asdict(self.options), "uploads": len(self._bodies)}

    def patch_options(self, patch: dict[str, Any]) -> dict[str, Any]:
        """Change switches by name and return them all. Raises ValueError for wrong ones."""
        self.options = patched(self.options, patch)
        return asdict(self.options)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the two endpoints and the platform's own control routes."""
        router.add_post(UPLOAD_PATH, self._upload)
        router.add_get(PATH, self._read)
        LineControl(self).add_routes(router)

    async def describe(self, request: web.Request) -> Call:
        """Name the route and the store meant, the first one of an upload."""
        route, store = OTHER, None
        if request.path == UPLOAD_PATH:
            document = decode(await request.read())
            route = UPLOAD
            named = document.get("store_registrations") if isinstance(document, dict) else None
            store = str(named[0]) if isinstance(named, list) and named else None
        elif request.path == PATH:
            route, store = READ, request.query.get("store_registration")
        return Call(method=request.method, path=request.path, route=route, store=store)

    def broken_answer(self, fault: Fault) -> web.StreamResponse | None:
        """Play the faults that have the platform's own forms (section 5)."""
        match fault.kind:
            case "http_500_envelope":
                return json_answer({"response": {"code": 500, "error": "Erro interno"}}, 500)
            case "status_error_200":
                return json_answer({"status": "error", "message": "Erro ao processar"})
            case "success_false_200":
                return json_answer({"success": False, "message": "Erro ao processar"})
            case "inner_422":
                errors = [{"message": "Loja não encontrada", "field": "store_registrations"}]
                return json_answer({"response": {"code": 422, "errors": errors}})
            case "login_refused":
                return self._unauthorised()
            case "redirect_302_html":
                return sign_in_redirect()
        return None

    def _unauthorised(self) -> web.Response:
        if self.options.unauthorised == "302":
            return sign_in_redirect()
        return plain_refusal(401, UNAUTHORISED, self.options)

    async def _gate(self, request: web.Request) -> web.Response | None:
        """Wait out `delay_ms`, then refuse wrong credentials, too many requests and too large bodies."""
        if self.options.delay_ms:
            await asyncio.sleep(self.options.delay_ms / 1000)
        sent = [request.headers.get(f"X-AdminUser-{name}", "").encode() for name in ("Email", "Token")]
        if not all(map(hmac.compare_digest, sent, self._login)):
            return self._unauthorised()
        limit = self.options.max_body_bytes
        if limit is not None and len(await request.read()) > limit:
            return html_answer("413 Request Entity Too Large", 413)
        return self._limit_rate()

    def _limit_rate(self) -> web.Response | None:
        allowed, now = self.options.rate_limit_per_minute, self.now()
        if allowed is None:
            return None
        while self._recent and now - self._recent[0] >= MINUTE:
            self._recent.popleft()
        if len(self._recent) < allowed:
            self._recent.append(now)
            return None
        answer = plain_refusal(429, "Muitas requisições", self.options)
        if self.options.rate_limit_retry_after and self._recent:
            wait = MINUTE - (now - self._recent[0])
            answer.headers["Retry-After"] = str(-(-wait // timedelta(seconds=1)))
        return answer

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        refused = await self._gate(request)
        if refused is not None:
            return refused
        body = await request.read()
        self._bodies.append(body)
        try:
            upload = parse_upload(decode(body), self.options, self.stores, self.local_now())
        except Refusal as problem:
            return refusal(422, problem.reasons, self.options)
        fault = request.get(FAULT)
        campaign = self._campaign(upload, fault)
        answer = Writer(self.options, self._zone).upload_answer(campaign)
        if fault is not None and fault.kind == "cut_body":
            return answer
        self._ledger.add(_spoiled(campaign, fault), self.now(), override=upload.override)
        return await _answer_after_storing(request, answer, fault)

    def _campaign(self, upload: Upload, fault: Fault | None) -> Campaign:
        delay = self.options.visibility_delay_seconds
        if fault is not None and fault.kind == "delay_visibility":
            delay = fault.number(20)
        return Campaign(
            campaign_id=self._ledger.next_id(),
            registrations=upload.registrations,
            name=upload.name,
            start=upload.start,
            end=upload.end,
            lines=upload.lines,
            visible_from=self.now() + timedelta(seconds=delay),
        )

    async def _read(self, request: web.Request) -> web.StreamResponse:
        refused = await self._gate(request)
        if refused is not None:
            return refused
        query, options = request.query, self.options
        registration = query.get("store_registration")
        if options.check_store and registration is not None and registration not in self.stores:
            return refusal(404, (("store_registration", "Loja não encontrada"),), options)
        start = parse_moment(query.get("start_date", "0001-01-01"))
        end = parse_moment(query.get("end_date", "9999-12-31"))
        if start is None or end is None:
            return refusal(422, (("start_date", "não é uma data válida"),), options)
        campaigns = self._ledger.readable(registration, (start, end), self.now())
        rows: list[Row] = [(campaign, line) for campaign in campaigns for line in campaign.lines]
        writer, fault = Writer(options, self._zone), request.get(FAULT)
        if fault is not None and fault.kind == "unknown_shape":
            return json_answer(writer.unknown_shape(rows))
        if fault is not None and fault.kind == "empty_page":
            rows = []
        return json_answer(writer.discounts(*take_page(rows, query, options)))


def _spoiled(campaign: Campaign, fault: Fault | None) -> Campaign:
    """Return what is stored of a campaign: the answer tells of the whole one."""
    kind = None if fault is None else fault.kind
    if fault is None or not campaign.lines:
        return campaign
    lines = list(campaign.lines)
    if kind == "lose_lines":
        lines = lines[: max(0, len(lines) - int(fault.number(1)))]
    elif kind == "alter_price":
        dearer = lines[0].final_price + Decimal(str(fault.number(0.10)))
        lines[0] = msgspec.structs.replace(lines[0], final_price=dearer)
    campaign.lines = lines
    return campaign


async def _answer_after_storing(request: web.Request, answer: web.Response, fault: Fault | None) -> web.StreamResponse:
    match None if fault is None else fault.kind:
        case "store_then_time_out":
            return await hang()
        case "store_then_500":
            return html_answer("500 Internal Server Error", 500)
        case "store_then_html":
            return html_answer("Bem-vindo", 200)
        case "store_then_cut":
            return await cut_answer(request, answer)
        case "store_then_refuse":
            return drop(request)
    return answer
