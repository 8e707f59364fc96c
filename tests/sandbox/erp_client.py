"""A bare client of the local ERP, which shows what went over the wire."""

import json
from datetime import UTC, datetime
from typing import Any

import aiohttp

from sandbox.rp import RpServer

STORE, OTHER = "11222333000181", "11222333000262"
LOGIN = {"usuario": "100001", "senha": "invented"}
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Client:
    """A bare client that shows what went over the wire."""

    def __init__(self, erp: RpServer, http: aiohttp.ClientSession) -> None:
        self.erp, self.http = erp, http
        self.headers: dict[str, str] = {}

    async def log_in(self, version: str = "v1.1") -> dict[str, Any]:
        async with self.http.post(f"{self.erp.url}/{version}/auth", json=LOGIN) as answer:
            document: dict[str, Any] = await answer.json()
        found = document["response"]
        self.headers = {"token": found.get("token") or found.get("content", {}).get("token", "")}
        return document

    async def get(self, path: str, **extra: Any) -> tuple[int, bytes, Any]:
        headers = extra.pop("headers", self.headers)
        async with self.http.get(self.erp.url + path, headers=headers, **extra) as answer:
            return answer.status, await answer.read(), answer.headers

    async def page(self, last: int = 0, tail: str = "", *, unit: str = STORE, version: str = "v3.2") -> Any:
        path = f"/{version}/produtounidade/listaprodutos/{last}/unidade/{unit}{tail}"
        return json.loads((await self.get(path))[1])

    async def products(self, last: int = 0, tail: str = "", **extra: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.page(last, tail, **extra))["response"]["produtos"]
        return found

    async def codes(self, last: int = 0, tail: str = "?limit=10", **extra: Any) -> list[int]:
        return [product["Codigo"] for product in await self.products(last, tail, **extra)]
