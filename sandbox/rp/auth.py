"""Logins and tokens of the ERP (`protocols/rp.md` 2)."""

from __future__ import annotations

import hmac
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from sandbox.rp.options import RpOptions
from sandbox.rp.shapes import APP_VERSION, envelope

ZONE = ZoneInfo("America/Sao_Paulo")
LIFE_SECONDS = {"v1.0": 4 * 3600.0, "v1.1": 4 * 3600.0, "v1.2": 3600.0}
SESSION_COOKIE = "JSESSIONID"
WELCOME = "Autenticação bem sucedida"
REFUSED = "Não foi possível autenticar o usuário"
UNAUTHORISED = {"appVersion": APP_VERSION, "content": "Não autorizado"}
REFUSAL = {"error": REFUSED, "stackTrace": "br.com.erp.Autenticacao.entrar(Autenticacao.java:42)"}


class _Login(msgspec.Struct):
    usuario: str
    senha: str


class Tokens:
    """The tokens given out and when they end; nothing here is ever shown."""

    def __init__(self, users: dict[str, str], seed: int) -> None:
        self.passwords: dict[str, tuple[str, ...]] = {user: (password,) for user, password in users.items()}
        self._random = random.Random(f"tokens:{seed}")
        self._ends: dict[str, datetime] = {}

    def __repr__(self) -> str:
        return f"Tokens({len(self._ends)} given out)"

    def __len__(self) -> int:
        return len(self._ends)

    def knows(self, body: bytes) -> bool:
        """Check the body of a login; a user sent as a number has lost its zeros and is unknown."""
        try:
            login = msgspec.json.decode(body, type=_Login)
        except msgspec.MsgspecError:
            return False
        known = self.passwords.get(login.usuario, ())
        return any(hmac.compare_digest(password.encode(), login.senha.encode()) for password in known)

    def issue(self, now: datetime, life: float) -> tuple[str, datetime]:
        """Give out a token; returns it and its end."""
        token = f"eyJ.invented.{self._random.getrandbits(96):024x}"
        end = self._ends[token] = now + timedelta(seconds=life)
        return token, end

    def accepts(self, token: str | None, now: datetime) -> bool:
        """Tell whether a token is alive."""
        end = self._ends.get(token or "")
        return end is not None and now < end

    def end(self, token: str | None) -> None:
        """Make one token worthless."""
        self._ends.pop(token or "", None)

    def revoke(self) -> None:
        """Make every token worthless."""
        self._ends.clear()


def sent_token(headers: Mapping[str, str], cookies: Mapping[str, str], options: RpOptions) -> str | None:
    """Read the token in the first allowed way it was sent, or the session cookie of v1.0."""
    scheme, _, rest = headers.get("Authorization", "").partition(" ")
    sent = {"bearer": rest if scheme == "Bearer" else "", "authorization_token": rest if scheme == "token" else ""}
    sent["token"] = headers.get("token", "")
    for way in options.auth_headers_allowed:
        if sent[way]:
            return sent[way]
    return cookies.get(SESSION_COOKIE)


def expiry_text(end: datetime, version: str, options: RpOptions) -> str | None:
    """Write the end of a token in the switched format, local to São Paulo; None when it is not sent."""
    local = end.astimezone(ZONE) + timedelta(seconds=options.clock_skew_seconds)
    kind = options.expiry_format
    if kind == "own":
        kind = "iso" if version == "v1.2" else "br"
    match kind:
        case "br":
            return f"{local:%d/%m/%Y %H:%M:%S}"
        case "br_minutes":
            return f"{local:%d/%m/%Y %H:%M}"
        case "iso":
            return local.replace(tzinfo=None).isoformat(timespec="seconds")
        case "iso_offset":
            return local.isoformat(timespec="seconds")
        case "past":
            return f"{local - timedelta(days=1):%d/%m/%Y %H:%M:%S}"
        case "unreadable":
            return "em breve"
        case _:
            return None


def login_document(token: str, end: datetime, life: float, version: str, options: RpOptions) -> dict[str, Any]:
    """Build the answer to a login that succeeded, in the version's shape unless switched."""
    grant: dict[str, Any] = {"token": token}
    text = expiry_text(end, version, options)
    if text is not None:
        grant["tokenExpiration"] = text
    if options.expiry_format == "expires_in" or (options.expiry_format == "own" and version == "v1.2"):
        grant["expiresIn"] = int(life)
    own = {"v1.0": "none", "v1.1": "response", "v1.2": "content"}[version]
    place = own if options.login_shape == "own" else options.login_shape
    new = version == "v1.2"
    match place:
        case "root":
            return {**grant, "response": envelope(options, [WELCOME], new=new)}
        case "response":
            return {"response": envelope(options, [WELCOME], new=new, **grant)}
        case "content":
            return {"response": envelope(options, [WELCOME], new=new, content=grant)}
        case _:
            return {"response": envelope(options, [WELCOME], new=new)}
