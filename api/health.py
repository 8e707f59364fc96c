"""Health for whoever watches the process: alive, ready, and figures for Prometheus."""

from collections.abc import Callable

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Ready = Callable[[], dict[str, bool]]
"""Tells which parts of the process are ready, by name."""


About = Callable[[], dict[str, str]]
"""Tells how parts of the process work, by name."""


def make_app(ready: Ready, about: About) -> FastAPI:
    """Return the HTTP side. `/ready` answers 503 while a part is not."""
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
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app
