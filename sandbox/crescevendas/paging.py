"""Pages of a read, over lines (`protocols/crescevendas.md` 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.crescevendas.answers import Row
from sandbox.crescevendas.options import PlatformOptions


def _count(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and int(text) else None


def take_page(rows: list[Row], query: Mapping[str, str], options: PlatformOptions) -> tuple[list[Row], dict[str, Any]]:
    """Return the rows of the page asked for, and the keys that tell of further pages."""
    limit = _count(query.get("limit"))
    size = options.page_size
    if size is None:
        return rows[:limit], {}
    size = min(size, limit or size)
    pages = max(1, -(-len(rows) // size))
    page = _count(query.get("page")) or 1
    if page > pages and options.page_end == "repeat":
        page = pages
    chosen = rows[(page - 1) * size : page * size]
    match options.page_keys:
        case "meta":
            return chosen, {"meta": {"current_page": page, "total_pages": pages, "total_count": len(rows)}}
        case "total":
            return chosen, {"total": len(rows)}
        case "next_page":
            return chosen, {"next_page": page + 1 if page < pages else None}
        case "none":
            return chosen, {}
