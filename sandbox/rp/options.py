"""The switches of the ERP server: every way builds are known, or feared, to differ."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Literal

AuthHeader = Literal["token", "bearer", "authorization_token"]
ExpiryFormat = Literal["own", "br", "br_minutes", "iso", "iso_offset", "expires_in", "past", "absent", "unreadable"]


@dataclass(slots=True)
class RpOptions:
    """What may be switched while the server runs. The defaults are the measured behaviour.

    Lists
        default_page, page_cap: products a page without `limit`, and at most.
        ignore_limit: always answer `default_page` products.
        ignore_second_price: `somentePreco2` changes nothing.
        second_price_alias: name that takes the place of `PrecoVenda2` (`Preco2`);
        keep_second_price sends both.
        with_limite: send `Limite`. code_as_string: `Codigo` as a string.
        unit_by_code: the unit code is accepted beside the CNPJ.
        unknown_unit_status: HTTP status of the error for an unknown unit.
    Login
        token_life_seconds: None is four hours in v1.1 and one in v1.2.
        auth_headers_allowed: which ways of sending the token count.
        login_shape: where the login answer holds the token; `none` sends none.
        expiry_format: `own` is the version's; any other is sent alone.
        clock_skew_seconds: how far the printed expiry is off.
        auth_refusal_status: 500 is the measured answer, 401 comes with an envelope.
    Shape of every list answer
        root_level, content_list, response_list: where the list is.
        camel_case, string_numbers, comma_decimals: the items. latin1, bom: the bytes.
        status_text: None leaves the status out. messages_as: form of `messages`.
    delay_ms: added to every answer.
    """

    default_page: int = 100
    page_cap: int = 500
    ignore_limit: bool = False
    ignore_second_price: bool = False
    second_price_alias: str | None = None
    keep_second_price: bool = False
    with_limite: bool = False
    code_as_string: bool = False
    unit_by_code: bool = False
    unknown_unit_status: int = 200
    token_life_seconds: float | None = None
    auth_headers_allowed: tuple[AuthHeader, ...] = ("token",)
    login_shape: Literal["own", "root", "response", "content", "none"] = "own"
    expiry_format: ExpiryFormat = "own"
    clock_skew_seconds: float = 0
    auth_refusal_status: Literal[500, 401] = 500
    root_level: bool = False
    content_list: bool = False
    response_list: bool = False
    camel_case: bool = False
    string_numbers: bool = False
    comma_decimals: bool = False
    latin1: bool = False
    bom: bool = False
    status_text: str | None = "ok"
    messages_as: Literal["objects", "strings", "single", "absent"] = "objects"
    delay_ms: float = 0


# The switches that change the bytes of a page: part of the key of the page cache.
PAGE_SHAPE = attrgetter(
    "second_price_alias",
    "keep_second_price",
    "with_limite",
    "code_as_string",
    "root_level",
    "content_list",
    "response_list",
    "camel_case",
    "string_numbers",
    "comma_decimals",
    "latin1",
    "bom",
    "status_text",
    "messages_as",
)
