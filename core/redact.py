"""Takes secrets out of everything that is written down (`rules.md` 7.4, X-5).

Two nets: values registered as secrets are replaced wherever they stand, in any of their
usual encodings; and what looks like a secret (by its key, or by its form) is masked even
if nobody registered it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import UUID

from pydantic import SecretBytes, SecretStr

MASK = "••••"
_SHORTEST = 4
_LONG_ENOUGH_FOR_A_TAIL = 12
_TAIL = 4
_DEEPEST = 12

_NAMES = (
    r"pass(?:word|wd|phrase|code)?|pwd|senha|secrets?|segredo|tokens?|api_?key|private_?key|secret_?key"
    r"|authorization|credentials?|credenciais|(?:set_)?cookies?|pin|totp|init_?data|hash_?key"
)
_SECRET_KEY = re.compile(rf"(?:^|_)(?:{_NAMES})(?:$|_(?!count|kind|type|name|expires|at|hint|used))")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PLAIN = (int, float, Decimal, date, time, timedelta, UUID)

_BOT_TOKEN = re.compile(r"\b(bot)?\d{6,}:[A-Za-z0-9_-]{20,}")
_USERINFO = re.compile(r"(://)[^/\s@]+@")
_SCHEME = re.compile(r"\b(bearer|basic|token)\s+(?P<value>[A-Za-z0-9+/=._~-]{6,})", re.IGNORECASE)
_OPAQUE = re.compile(r"[0-9=]|[a-z][A-Z]|.{20}")
"""What tells a secret after such a word from the next word of a sentence."""
_WHOLE_LINE = re.compile(r"\b(cookie\s*:\s*|authorization\s*:\s*\w+\s+(?=\w+=[\x22\w]))[^\r\n]+", re.IGNORECASE)
_PIN = re.compile(r"""\b((?:pin|totp)["']?\s*[:=]\s*["']?)\d{3,}""", re.IGNORECASE)
_PAIR = re.compile(
    r"""(?P<key>(?<![\w-])[\w-]{0,64}?(?:pass(?:word|wd|phrase|code)|pwd|senha|secret(?!ar[iy])|segredo|token|api[_-]?key"""
    r"""|private[_-]?key|hash[_-]?key|init[_-]?data|authorization|cookie)"""
    r"""(?!s?[_-](?:count|kind|type|name|expires|at|hint|used)(?![a-z]))[\w-]{0,64})"""
    r"""(?P<mid>\\?["']?\s*[:=]\s*)"""
    r"""(?P<value>\\?"[^"\\]*\\?"|'[^']*'|(?:(?:bearer|basic|token)\s+)?[^\s&,;"'<>(){}\[\]]+)""",
    re.IGNORECASE,
)


def mask(secret: str) -> str:
    """Return what people may see of a secret: its last four characters if it is long, or none."""
    return f"{MASK}{secret[-_TAIL:]}" if len(secret) >= _LONG_ENOUGH_FOR_A_TAIL else MASK


def is_secret_key(key: str) -> bool:
    """Tell whether a name such as `X-AdminUser-Token`, `apiKey` or `senha` names a secret."""
    return _SECRET_KEY.search(_CAMEL.sub("_", key).replace("-", "_").replace(" ", "_").lower()) is not None


class Redactor:
    """Replaces secrets in texts and structures; usable as a structlog processor."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._forms: set[str] = set()
        self._values: re.Pattern[str] | None = None
        self.add(*values)

    def add(self, *values: str) -> None:
        """Register secrets; those under four characters would blank ordinary text and are left out."""
        new = {form for value in values if len(value) >= _SHORTEST for form in _forms(value)}
        if new <= self._forms:
            return
        self._forms |= new
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, longest_first)))

    def text(self, text: str) -> str:
        """Return the text without secrets."""
        if self._values is not None:
            text = self._values.sub(MASK, text)
        text = _BOT_TOKEN.sub(rf"\g<1>{MASK}", text)
        text = _USERINFO.sub(rf"\g<1>{MASK}@", text)
        text = _WHOLE_LINE.sub(rf"\g<1>{MASK}", text)
        text = _PIN.sub(rf"\g<1>{MASK}", text)
        text = _PAIR.sub(_mask_pair, text)
        return _SCHEME.sub(_mask_scheme, text)

    def value(self, value: Any, depth: int = 0) -> Any:
        """Return a structure of the same shape without secrets; foreign objects become text."""
        if value is None or isinstance(value, _PLAIN):
            return value
        if depth > _DEEPEST:
            return "…"
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {str(key): self._entry(str(key), item, depth) for key, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.value(item, depth + 1) for item in value]
            case SecretStr() | SecretBytes():
                return MASK
            case bytes():
                return self.text(value.decode("utf-8", "replace"))
            case _:
                return self.text(str(value))

    def __call__(self, _logger: Any, _method: str, event: Any) -> Any:
        """Clean one structlog event; goes after the exception was formatted."""
        return {key: item if key.startswith("_") else self._entry(key, item, 0) for key, item in event.items()}

    def _entry(self, key: str, item: Any, depth: int) -> Any:
        if is_secret_key(key) and item not in (None, "", True, False):
            return MASK
        return self.value(item, depth + 1)


def _mask_pair(match: re.Match[str]) -> str:
    return f"{match['key']}{match['mid']}{MASK}"


def _mask_scheme(match: re.Match[str]) -> str:
    return f"{match[1]} {MASK}" if _OPAQUE.search(match["value"]) else match[0]


def _forms(value: str) -> set[str]:
    """Return the ways a value is written in addresses, JSON, XML and `repr`."""
    return {
        value,
        quote(value),
        quote(value, safe=""),
        quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        escape(value),
        repr(value)[1:-1],
    }
