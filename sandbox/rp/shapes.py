"""From items to bytes: envelopes, and the switches that bend every item of a list."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
from aiohttp import web

from sandbox.rp.options import RpOptions

APP_VERSION = "5.0.6.117"
LOADED = "Dados carregados"
encode = msgspec.json.Encoder(decimal_format="number").encode


def _messages(texts: list[str], options: RpOptions) -> dict[str, Any]:
    match options.messages_as:
        case "objects":
            return {"messages": [{"message": text} for text in texts]}
        case "strings":
            return {"messages": texts}
        case "single":
            return {"message": texts[0]}
        case "absent":
            return {}


def envelope(options: RpOptions, texts: list[str], *, new: bool = True, **content: Any) -> dict[str, Any]:
    """Build what stands under `response`; only newer versions print their build."""
    inner: dict[str, Any] = {} if options.status_text is None else {"status": options.status_text}
    if new:
        inner["appVersion"] = APP_VERSION
    return {**inner, **_messages(texts, options), **content}


def error_envelope(options: RpOptions, *texts: str) -> dict[str, Any]:
    """Build the error form that may come with any HTTP status (section 5)."""
    inner = {"status": "error", "appVersion": APP_VERSION}
    stack = "StackTrace: br.com.erp.Servico.listar(Servico.java:117)"
    return {"response": {**inner, **_messages([*texts, stack], options)}}


def list_document(options: RpOptions, items: Any, *, new: bool = True) -> Any:
    """Build the answer of a product list; items is a list, or None for a list that is null."""
    if options.root_level:
        status = {} if options.status_text is None else {"status": options.status_text}
        return {**status, "produtos": items}
    if options.response_list:
        return {"response": items}
    key = "content" if options.content_list else "produtos"
    return {"response": {**envelope(options, [LOADED], new=new), key: items}}


def _as_text(value: float, comma: bool) -> str:
    exact = Decimal(str(value))
    exponent = exact.as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    if not comma:
        return f"{exact:.{places}f}"
    return f"{exact:,.{places}f}".translate(str.maketrans(",.", ".,"))


def _bend(value: Any, rename: Callable[[str], str], options: RpOptions) -> Any:
    if isinstance(value, dict):
        return {rename(key): _bend(inner, rename, options) for key, inner in value.items()}
    if isinstance(value, list):
        return [_bend(inner, rename, options) for inner in value]
    if isinstance(value, float) and (options.comma_decimals or options.string_numbers):
        return _as_text(value, options.comma_decimals)
    if isinstance(value, int) and not isinstance(value, bool) and options.string_numbers:
        return str(value)
    return value


def bend_items(items: list[dict[str, Any]], options: RpOptions) -> list[Any]:
    """Apply camel case, numbers as text and decimal commas to items; returns them as they are when all are off."""
    if not (options.camel_case or options.string_numbers or options.comma_decimals):
        return items

    def camel(key: str) -> str:
        return key[:1].lower() + key[1:]

    def keep(key: str) -> str:
        return key

    return [_bend(item, camel if options.camel_case else keep, options) for item in items]


def encode_page(document: Any, options: RpOptions) -> bytes:
    """Encode a document in the switched charset."""
    body = encode(document)
    if options.latin1:
        body = body.decode().encode("latin-1", "replace")
    return b"\xef\xbb\xbf" + body if options.bom else body


def page_answer(body: bytes, options: RpOptions) -> web.Response:
    """Answer with encoded bytes; a Latin-1 server does not say so."""
    charset = None if options.latin1 else "utf-8"
    return web.Response(body=body, content_type="application/json", charset=charset)
