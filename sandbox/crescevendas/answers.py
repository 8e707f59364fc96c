"""What the platform writes: refusals, upload answers and discounts in every shape (sections 2.3, 3 and 5)."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox.crescevendas.ledger import Campaign, PlatformLine
from sandbox.crescevendas.options import PlatformOptions
from sandbox.crescevendas.uploads import NAMES
from sandbox.server import html_answer, json_answer

PADDED_DIGITS = 7
SIGN_IN = "/admin_users/sign_in"
Reason = tuple[str, str]
Row = tuple[Campaign, PlatformLine]


def sign_in_redirect() -> web.Response:
    """Answer with the redirect of a Rails application to its sign-in page."""
    return html_answer("You are being redirected.", 302, {"Location": SIGN_IN})


def refusal(code: int, reasons: tuple[Reason, ...], options: PlatformOptions) -> web.Response:
    """Answer with an error in the switched shape."""
    texts = [text for _, text in reasons]
    fields: dict[str, list[str]] = {}
    for field, text in reasons:
        fields.setdefault(field, []).append(text)
    document: dict[str, Any]
    match options.error_shape:
        case "objects":
            found = [{"message": text, "field": field} for field, text in reasons]
            document = {"response": {"code": code, "errors": found}}
        case "strings":
            document = {"response": {"code": code, "errors": texts}}
        case "text":
            document = {"response": {"code": code, "error": "; ".join(texts)}}
        case "rails":
            document = {"errors": fields}
        case "bare":
            document = dict(fields)
    return json_answer(document, 200 if options.errors_with_200 else code)


def plain_refusal(code: int, text: str, options: PlatformOptions) -> web.Response:
    """Answer with the inner-code form that has one text."""
    status = 200 if options.errors_with_200 else code
    return json_answer({"response": {"code": code, "error": text}}, status)


class Writer:
    """Writes codes, prices, moments and lines as switched, in the platform's zone."""

    def __init__(self, options: PlatformOptions, zone: ZoneInfo) -> None:
        self._options = options
        self._zone = zone
        self._names = NAMES[options.read_names]

    def upload_answer(self, campaign: Campaign) -> web.Response:
        """Answer a good upload."""
        match self._options.upload_answer:
            case "envelope":
                inner = {"code": 200, "id": campaign.campaign_id, "lines": len(campaign.lines)}
                return json_answer({"response": inner})
            case "campaign":
                return json_answer(self.campaign(campaign, campaign.lines), 201)
            case "message":
                return json_answer({"message": "ok"})
            case "accepted_202":
                return json_answer({"message": "Processando"}, 202)
            case "empty_204":
                return web.Response(status=204)

    def moment(self, local: datetime) -> str:
        """Write a window time."""
        match self._options.dates_as:
            case "naive":
                return f"{local:%Y-%m-%dT%H:%M}"
            case "utc":
                aware = local.replace(tzinfo=self._zone).astimezone(UTC)
                return f"{aware:%Y-%m-%dT%H:%M:%S}.000Z"
            case "offset":
                return local.replace(tzinfo=self._zone).isoformat(timespec="milliseconds")

    def _price(self, amount: Decimal) -> str | float:
        match self._options.prices_as:
            case "numbers":
                return float(amount)
            case "noisy":
                # What is left of a decimal that went through binary arithmetic.
                return math.nextafter(float(amount), math.inf)
            case "comma":
                return f"{amount:.2f}".replace(".", ",")
            case "strings":
                # A Rails decimal drops trailing zeros but one: 18.90 is "18.9", 18 is "18.0".
                return str(float(amount))

    def _code(self, code: str) -> str | int:
        match self._options.code_as:
            case "int" if code.isdecimal():
                return int(code)
            case "zero_padded":
                return code.zfill(PADDED_DIGITS)
        return code

    def line(self, line: PlatformLine) -> dict[str, Any]:
        """Write a line without its window."""
        code, price, final_price, limit = self._names
        return {
            code: self._code(line.code),
            price: self._price(line.price),
            final_price: self._price(line.final_price),
            limit: line.limit,
        }

    def dated_line(self, row: Row) -> dict[str, Any]:
        """Write a line with its window."""
        campaign, line = row
        window = {"start_at": self.moment(campaign.start), "expire_at": self.moment(campaign.end)}
        return {**self.line(line), **window}

    def campaign(self, campaign: Campaign, lines: list[PlatformLine]) -> dict[str, Any]:
        """Write a campaign with some of its lines."""
        return {
            "id": campaign.campaign_id,
            "name": campaign.name,
            "store_registrations": list(campaign.registrations),
            "start_date": self.moment(campaign.start),
            "end_date": self.moment(campaign.end),
            "discount_store_lines": [self.line(line) for line in lines],
        }

    def campaigns(self, rows: list[Row]) -> list[dict[str, Any]]:
        """Write rows grouped by campaign."""
        groups: dict[int, tuple[Campaign, list[PlatformLine]]] = {}
        for campaign, line in rows:
            groups.setdefault(id(campaign), (campaign, []))[1].append(line)
        return [self.campaign(campaign, lines) for campaign, lines in groups.values()]

    def merged(self, rows: list[Row]) -> dict[str, Any]:
        """Write every row as one campaign with the widest window."""
        if not rows:
            return {"discount_store_lines": []}
        whole = self.campaign(rows[0][0], [line for _, line in rows])
        whole["start_date"] = self.moment(min(campaign.start for campaign, _ in rows))
        whole["end_date"] = self.moment(max(campaign.end for campaign, _ in rows))
        return whole

    def discounts(self, rows: list[Row], page_keys: dict[str, Any]) -> Any:
        """Write rows in the switched shape; page_keys go beside the list where there is an object."""
        document: Any
        match self._options.get_shape:
            case "legacy":
                inner = {"discounts": [self.dated_line(row) for row in rows], **page_keys}
                return {"response": {"code": 200, **inner} if self._options.get_envelope else inner}
            case "campaign":
                document = self.merged(rows) | page_keys
            case "campaigns_root":
                document = self.campaigns(rows)
            case "campaigns_response":
                document = {"response": self.campaigns(rows), **page_keys}
            case "campaigns_data":
                document = {"data": self.campaigns(rows), **page_keys}
            case "campaigns_discount_stores":
                document = {"discount_stores": self.campaigns(rows), **page_keys}
            case "flat":
                document = [self.dated_line(row) for row in rows]
        return self._enveloped(document) if self._options.get_envelope else document

    def _enveloped(self, document: Any) -> dict[str, Any]:
        if isinstance(document, dict):
            inner = document.pop("response", None)
            return {"response": {"code": 200, **document, **({} if inner is None else {"data": inner})}}
        key = "discounts" if self._options.get_shape == "flat" else "discount_stores"
        return {"response": {"code": 200, key: document}}

    def unknown_shape(self, rows: list[Row]) -> dict[str, Any]:
        """Write rows under keys no client can know."""
        return {"response": {"code": 200, "ofertas_ativas": [{"item": self.line(line)} for _, line in rows]}}
