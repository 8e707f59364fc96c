"""The ERP server of `protocols/rp.md` section 7."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.faults import SHARED_KINDS, Call, Fault, Faults
from sandbox.rp import auth
from sandbox.rp.catalogues import Catalogues
from sandbox.rp.control import ProductControl
from sandbox.rp.listing import LIST_FAULTS, Pages, Scans, UnreadableDate, parse_list
from sandbox.rp.lookups import Lookups
from sandbox.rp.options import RpOptions
from sandbox.rp.shapes import envelope, error_envelope, page_answer
from sandbox.server import FAULT, Clock, FakeServer, json_answer, kinds_on, patched

VERSION = r"/{version:v\d\.\d}"
LIST = VERSION + r"/produtounidade/listaprodutos/{last:\d+}/unidade/{unit:[^/]+}{tail:(?:/.*)?}"
BARCODE = VERSION + "/produtounidade/{barcode}/unidade/{unit}/detalhado/consultarcodigobarras"
DELETED = VERSION + r"/produto/excluidos/lastid/{last:\d+}/dataexclusao/{day}"
FIRST_PAGE, NEXT_PAGE, AUTH, OTHER = "first_page", "next_page", "auth", "other"
UNAUTHORISED_STATUS = 401
KINDS = kinds_on(
    {
        **dict.fromkeys(LIST_FAULTS, (FIRST_PAGE, NEXT_PAGE)),
        "stuck_cursor": (NEXT_PAGE,),
        "duplicates": (NEXT_PAGE,),
        "token_revoked": (FIRST_PAGE, NEXT_PAGE, OTHER),
        "login_refused": (AUTH,),
    },
    SHARED_KINDS,
)


class RpServer(Catalogues, FakeServer):
    """An ERP with invented users ({user: password}) and deterministic catalogues.

    auth_version: the one login version offered (`v1.0`, `v1.1`, `v1.2`); None offers all of them.
    `options` holds the switches, `faults` the faults; both may change while it runs. More faults than the
    shared ones: those of `LIST_FAULTS`, and `token_revoked`, which makes every token worthless.
    """

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        *,
        seed: int = 7,
        auth_version: str | None = None,
        clock: Clock | None = None,
        port: int = 0,
    ) -> None:
        FakeServer.__init__(self, Faults(KINDS), clock, port)
        Catalogues.__init__(self, seed)
        self.pages = Pages()
        self._tokens = auth.Tokens(dict(users or {"100001": "invented"}), seed)
        self._auth_version = auth_version
        self._scans = Scans()
        self._lookups = Lookups(self)

    def local_now(self) -> datetime:
        """Return the time as the ERP prints it: São Paulo, without an offset."""
        return self.now().astimezone(auth.ZONE).replace(tzinfo=None)

    def set_passwords(self, passwords: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        """Let users log in with these from now on, tokens given out are worthless; returns those until now."""
        before, self._tokens.passwords = self._tokens.passwords, dict(passwords)
        self._tokens.revoke()
        return before

    def revoke_tokens(self) -> None:
        """Make every token given out worthless."""
        self._tokens.revoke()

    def reset(self) -> None:
        """Undo faults, switches, journal, tokens, clock and every change to the catalogues; stores stay."""
        super().reset()
        self.options = RpOptions()
        self._tokens.revoke()
        self._scans.clear()
        self.pages.clear()
        self.rebuild()

    def state(self) -> dict[str, Any]:
        """Return stores with their sizes, switches and the number of tokens."""
        return {
            "stores": self.describe_stores(),
            "options": asdict(self.options),
            "tokens": len(self._tokens),
        }

    def patch_options(self, patch: dict[str, Any]) -> dict[str, Any]:
        """Change switches by name and return them all. Raises ValueError for wrong ones."""
        self.options = patched(self.options, patch)
        return asdict(self.options)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the ERP's endpoints and its own control routes."""
        lookups = self._lookups
        router.add_get(LIST, self._guarded(self._list_products))
        router.add_post(VERSION + "/auth", self._log_in)
        router.add_get(VERSION + "/logout", self._guarded(self._log_out))
        router.add_get(VERSION + "/unidades", self._guarded(lookups.units))
        router.add_get(VERSION + "/unidades/{unit}", self._guarded(lookups.units))
        router.add_get(VERSION + "/departamentos", self._guarded(lookups.departments))
        router.add_get(BARCODE, self._guarded(lookups.barcode))
        router.add_get(VERSION + "/produtounidade/ofertas", self._guarded(lookups.offers))
        router.add_get(DELETED, self._guarded(lookups.deleted))
        ProductControl(self).add_routes(router)

    async def describe(self, request: web.Request) -> Call:
        """Name the route and count the page of a scan."""
        match = request.match_info
        found = self.find_store(match.get("unit", request.query.get("unidade", "")))
        store = None if found is None else found.cnpj
        route, page = OTHER, None
        if store is not None and "/listaprodutos/" in request.path:
            cursor = int(match["last"])
            page = self._scans.see(store, cursor)
            route = NEXT_PAGE if cursor else FIRST_PAGE
        elif request.path.endswith("/auth"):
            route = AUTH
        return Call(method=request.method, path=request.path, route=route, store=store, page=page)

    def broken_answer(self, fault: Fault) -> web.StreamResponse | None:
        """Play the faults that have the ERP's own error forms (section 5)."""
        match fault.kind:
            case "http_500_envelope":
                return json_answer(error_envelope(self.options, "Falha ao carregar dados"), 500)
            case "status_error_200":
                return json_answer(error_envelope(self.options, "Falha ao carregar dados"))
            case "login_refused":
                return self._refusal()
            case "token_revoked":
                self.revoke_tokens()
        return None

    def _guarded(
        self, handler: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def guarded(request: web.Request) -> web.Response:
            await self._wait()
            if not self._tokens.accepts(self._token(request), self.now()):
                return json_answer(auth.UNAUTHORISED, UNAUTHORISED_STATUS)
            return await handler(request)

        return guarded

    async def _wait(self) -> None:
        if self.options.delay_ms:
            await asyncio.sleep(self.options.delay_ms / 1000)

    def _token(self, request: web.Request) -> str | None:
        return auth.sent_token(request.headers, request.cookies, self.options)

    async def _log_in(self, request: web.Request) -> web.Response:
        version = request.match_info["version"]
        if version not in auth.LIFE_SECONDS or self._auth_version not in (None, version):
            raise web.HTTPNotFound
        await self._wait()
        if not self._tokens.knows(await request.read()):
            return self._refusal()
        chosen = self.options.token_life_seconds
        life = auth.LIFE_SECONDS[version] if chosen is None else chosen
        token, end = self._tokens.issue(self.now(), life)
        answer = json_answer(auth.login_document(token, end, life, version, self.options))
        if version == "v1.0":
            answer.set_cookie(auth.SESSION_COOKIE, token, httponly=True)
        return answer

    def _refusal(self) -> web.Response:
        if self.options.auth_refusal_status == UNAUTHORISED_STATUS:
            return json_answer(error_envelope(self.options, auth.REFUSED), UNAUTHORISED_STATUS)
        return json_answer(auth.REFUSAL, 500)

    async def _log_out(self, request: web.Request) -> web.Response:
        self._tokens.end(self._token(request))
        return json_answer({"response": envelope(self.options, ["Sessão encerrada"])})

    async def _list_products(self, request: web.Request) -> web.Response:
        store = self.find_store(request.match_info["unit"])
        if store is None:
            return self._lookups.unknown_unit()
        options = self.options
        try:
            asked = parse_list(request, options)
        except UnreadableDate:
            return json_answer(error_envelope(options, "Falha ao carregar dados", "Exception: Unparseable date"))
        fault = request.get(FAULT)
        if fault is not None and fault.kind in LIST_FAULTS:
            body = self.pages.faulty(store, asked, options, fault, self._scans.before(store.cnpj))
        else:
            body = self.pages.plain(store, asked, options)
        return page_answer(body, options)
