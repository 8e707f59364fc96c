"""Health for whoever watches the process: alive, ready, and figures for Prometheus."""

import hmac
from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Ready = Callable[[], dict[str, bool]]
"""Tells which parts of the process are ready, by name."""


About = Callable[[], dict[str, str]]
"""Tells how parts of the process work, by name."""


def make_app(ready: Ready, about: About, *, public: bool = False, metrics_token: str = "") -> FastAPI:
    """Return the HTTP side. `/ready` answers 503 while a part is not.

    `/metrics` wants the token as a Bearer, if there is one; without one it is closed where others can call.
    """
    app = FastAPI(title="Chimera", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok", **about()}

    @app.get("/ready")
    async def readiness(response: Response) -> dict[str, bool]:
        parts = ready()
        response.status_code = 200 if all(parts.values()) else 503
        return parts

    @app.get("/metrics")
    async def metrics(request: Request) -> Response:
        given = request.headers.get("Authorization", "")
        proven = hmac.compare_digest(given.encode(), f"Bearer {metrics_token}".encode())
        if (metrics_token and not proven) or (public and not metrics_token):
            return Response(status_code=403)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app
