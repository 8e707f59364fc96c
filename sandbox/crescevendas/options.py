"""The switches of the loyalty platform: nobody has seen its answers, so it can give every one feared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GetShape = Literal[
    "legacy",
    "campaign",
    "campaigns_root",
    "campaigns_response",
    "campaigns_data",
    "campaigns_discount_stores",
    "flat",
]


@dataclass(slots=True)
class PlatformOptions:
    """What may be switched while the server runs (`protocols/crescevendas.md`, numbers are its sections).

    Uploads (2)
        line_names: 1 accepts `code, price, final_price, limit`, 2 accepts `product_code, original_price,
        discount_price, quantity_limit`; the other one is refused.
        upload_answer: what a good upload is answered with.
        visibility_delay_seconds: until then the lines before it are still read.
        max_body_bytes: larger bodies are refused with 413.
        check_*: the reasons to refuse an upload, each can be turned off.
    Reading (3)
        get_shape: `legacy` is `response.discounts`, `campaign` one merged object, `campaigns_*` a list of them
        there, `flat` a list of lines at the root. get_envelope puts `response.code` around it.
        read_names: as line_names. prices_as: `noisy` is a float with rounding noise.
        code_as, dates_as: the form of codes and of window times.
        page_size: lines a page, None sends all. page_end: what follows the last page.
        page_keys: what tells of further pages.
    Errors (5)
        unauthorised: 401 in the inner-code form, or 302 to a sign-in page.
        error_shape: `rails` is `errors: {field: [texts]}`, `bare` the same without `errors`.
        errors_with_200: every refusal has HTTP 200 and its code inside only.
        rate_limit_per_minute: None is off; rate_limit_retry_after sends `Retry-After`.
    delay_ms: added to every answer.
    """

    line_names: Literal[1, 2] = 1
    upload_answer: Literal["envelope", "campaign", "message", "empty_204", "accepted_202"] = "envelope"
    visibility_delay_seconds: float = 0
    max_body_bytes: int | None = None
    check_store: bool = True
    check_past: bool = True
    check_window: bool = True
    check_prices: bool = True
    check_repeated: bool = True
    check_empty: bool = True
    check_dates: bool = True
    get_shape: GetShape = "legacy"
    get_envelope: bool = False
    read_names: Literal[1, 2] = 1
    prices_as: Literal["strings", "numbers", "comma", "noisy"] = "strings"
    code_as: Literal["string", "int", "zero_padded"] = "string"
    dates_as: Literal["offset", "utc", "naive"] = "offset"
    page_size: int | None = None
    page_end: Literal["empty", "repeat"] = "empty"
    page_keys: Literal["none", "meta", "total", "next_page"] = "none"
    unauthorised: Literal["401", "302"] = "401"
    error_shape: Literal["objects", "strings", "text", "rails", "bare"] = "objects"
    errors_with_200: bool = False
    rate_limit_per_minute: int | None = None
    rate_limit_retry_after: bool = True
    delay_ms: float = 0
