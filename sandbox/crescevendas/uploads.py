"""Reading and judging an upload (`protocols/crescevendas.md` 2 and 8.2)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import msgspec

from sandbox.crescevendas.ledger import PlatformLine
from sandbox.crescevendas.options import PlatformOptions

CENT = Decimal("0.01")
NAMES = {
    1: ("code", "price", "final_price", "limit"),
    2: ("product_code", "original_price", "discount_price", "quantity_limit"),
}
DATE_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


class Refusal(Exception):
    """Why an upload is refused: (field, Portuguese text) pairs, answered with 422."""

    def __init__(self, *reasons: tuple[str, str]) -> None:
        super().__init__("; ".join(text for _, text in reasons))
        self.reasons = reasons


class Upload(msgspec.Struct, frozen=True):
    """An upload as understood: window local to the platform's zone."""

    override: bool
    start: datetime
    end: datetime
    registrations: tuple[str, ...]
    name: str
    lines: list[PlatformLine]


def decode(body: bytes) -> Any:
    """Decode a body, numbers with a point as exact decimals; None when it is not JSON."""
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError:
        return None


def parse_moment(text: object, *, strict: bool = False) -> datetime | None:
    """Read a local moment; strict wants `YYYY-MM-DDTHH:MM`. None when it is unreadable."""
    if not isinstance(text, str) or (strict and not DATE_FORM.fullmatch(text)):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _price(value: object) -> Decimal | None:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount.quantize(CENT, ROUND_HALF_UP) if amount.is_finite() else None


def parse_lines(rows: Any, options: PlatformOptions) -> list[PlatformLine]:
    """Read the lines under the accepted names. Raises Refusal."""
    code, price, final_price, limit = NAMES[options.line_names]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refusal(("discount_store_lines", "é inválido"))
    lines = []
    for row in rows:
        amounts = _price(row.get(price)), _price(row.get(final_price))
        if row.get(code) in (None, "") or amounts[0] is None or amounts[1] is None:
            raise Refusal(("discount_store_lines", f"{code}, {price} e {final_price} são obrigatórios"))
        count = row.get(limit)
        if not isinstance(count, int) or isinstance(count, bool):
            raise Refusal(("discount_store_lines", f"{limit} não é um número"))
        lines.append(PlatformLine(str(row[code]), amounts[0], amounts[1], count))
    return lines


def parse_upload(document: Any, options: PlatformOptions, stores: Container[str], local_now: datetime) -> Upload:
    """Read an upload and apply every check that is on. Raises Refusal."""
    if not isinstance(document, dict):
        raise Refusal(("base", "corpo inválido"))
    start = parse_moment(document.get("start_date"), strict=options.check_dates)
    end = parse_moment(document.get("end_date"), strict=options.check_dates)
    if start is None or end is None:
        raise Refusal(("end_date" if start else "start_date", "não é uma data válida"))
    registrations = document.get("store_registrations")
    if not isinstance(registrations, list) or not registrations:
        raise Refusal(("store_registrations", "não pode ficar em branco"))
    if document.get("override") not in (0, 1):
        raise Refusal(("override", "não está incluído na lista"))
    upload = Upload(
        override=bool(document["override"]),
        start=start,
        end=end,
        registrations=tuple(dict.fromkeys(map(str, registrations))),
        name=str(document.get("name", "")),
        lines=parse_lines(document.get("discount_store_lines"), options),
    )
    reasons = tuple(_reasons(upload, options, stores, local_now))
    if reasons:
        raise Refusal(*reasons)
    return upload


def _reasons(
    upload: Upload, options: PlatformOptions, stores: Container[str], local_now: datetime
) -> Iterator[tuple[str, str]]:
    if options.check_store and any(name not in stores for name in upload.registrations):
        yield "store_registrations", "Loja não encontrada"
    if options.check_past and upload.start < local_now:
        yield "start_date", "não pode estar no passado"
    if options.check_window and upload.end <= upload.start:
        yield "end_date", "deve ser depois do início"
    if options.check_empty and not upload.lines:
        yield "discount_store_lines", "não pode ficar em branco"
    yield from _line_reasons(upload.lines, options)


def _line_reasons(lines: list[PlatformLine], options: PlatformOptions) -> Iterator[tuple[str, str]]:
    if options.check_prices:
        for line in lines:
            if not 0 < line.final_price < line.price:
                yield "discount_store_lines", f"preço final inválido para o produto {line.code}"
    if options.check_repeated:
        for code, count in Counter(line.code for line in lines).items():
            if count > 1:
                yield "discount_store_lines", f"produto {code} repetido"
