"""Where Telegram posts updates (only while CHIMERA_PUBLIC_URL is set)."""

import hmac
import json
from typing import Protocol

from fastapi import APIRouter, Request, Response

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
MOST_BYTES = 1_000_000


class Taker(Protocol):
    """Who keeps updates, at which path, and the word that proves Telegram."""

    secret: str

    async def take(self, update_id: int, body: str) -> bool: ...


def webhook_router(taker: Taker, path: str) -> APIRouter:
    """Return the one route. It answers as soon as the update is kept; it is handled afterwards."""
    router = APIRouter()

    @router.post(path, include_in_schema=False)
    async def take(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), taker.secret.encode()):
            return Response(status_code=403)
        data = await _read(request)
        if data is None:
            return Response(status_code=413)
        body = data.decode("utf-8", "replace")
        update_id = _number_of(body)
        if update_id is None:
            return Response(status_code=400)
        return Response(status_code=200 if await taker.take(update_id, body) else 503)

    return router


async def _read(request: Request) -> bytes | None:
    """Return the body, or None as soon as it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _number_of(body: str) -> int | None:
    """Return an update's id, or None for what is no update."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    found = document.get("update_id") if isinstance(document, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 2**63 else None
