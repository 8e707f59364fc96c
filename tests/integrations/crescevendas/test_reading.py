"""Lines out of answers, without a server: the tolerant way, the fast way, and that they agree."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue.lines import LiveLine
from integrations.crescevendas.answers import parse
from integrations.crescevendas.fast import FastReader
from integrations.crescevendas.fields import Names, read_code, read_limit, read_price
from integrations.crescevendas.settings import LineFields
from integrations.crescevendas.tolerant import Page, TolerantReader, UnknownShape
from integrations.crescevendas.windows import TimeReader

ZONE = ZoneInfo("America/Sao_Paulo")
REGISTRATION = "11222333000181"
FAST = FastReader(LineFields().model_dump())
NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def read(document: Any, names: LineFields | None = None) -> Page:
    parsed = parse(json.dumps(document).encode())
    return TolerantReader(Names.accepted((names or LineFields()).model_dump()), ZONE, REGISTRATION).read(parsed)


def wire(code: Any = "1", price: Any = "2", final: Any = "1", limit: Any = 5, **more: Any) -> dict[str, Any]:
    return {"code": code, "price": price, "final_price": final, "limit": limit, **more}


@pytest.mark.parametrize(
    "document",
    [
        None,
        1,
        "x",
        {},
        {"message": "ok"},
        {"response": None},
        {"response": {"code": 200}},
        {"response": {"code": 200, "discounts": None}},
        {"discount_store_lines": None},
        {"discount_store_lines": {"1203": wire()}},
        {"discounts": "none"},
        {"ofertas": [wire()]},
        [1],
        [None],
        [[]],
        [{}],
        [{"name": "campaign without lines"}],
        [wire(), {"ean": "789"}],
        [wire(code=None)],
        [wire(code="")],
        [wire(code=[])],
        [wire(code=True)],
        [wire(code=1.5)],
        {"discounts": [wire()], "data": [wire("2")]},
        {"data": [{"discount_store_lines": None}]},
        {"data": [{"discount_store_lines": [wire()]}, {"id": 2}]},
        {"response": {"store_registration": "99", "discounts": [wire()]}},
        {"store_registrations": ["99"], "discount_store_lines": [wire()]},
        {"store_registrations": "99", "discount_store_lines": []},
        [{"store_registrations": [{"registration": REGISTRATION}], "discount_store_lines": [wire()]}],
        [{"store_registrations": {"registration": REGISTRATION}, "discount_store_lines": [wire()]}],
        {"store_registration": True, "discounts": [wire()]},
    ],
)
def test_an_unknown_shape_is_an_error(document: Any) -> None:
    with pytest.raises(UnknownShape):
        read(document)
    assert FAST.read(json.dumps(document).encode(), ZONE, REGISTRATION) is None


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"discounts": []},
        {"response": []},
        {"response": {"discounts": []}},
        {"response": {"code": 200, "data": {"discount_stores": []}}},
        {"data": [], "response": {"code": 200}},
        {"discount_store_lines": []},
        [{"discount_store_lines": []}],
    ],
)
def test_a_real_empty_list_is_empty(document: Any) -> None:
    assert read(document).lines == []


def test_an_unreadable_value_is_none_and_the_line_stays() -> None:
    broken: list[Any] = [None, "", "abc", [], {}, True, "1e999", "NaN", "9" * 40]
    page = read([wire(str(n), price=x, final=x, limit=x) for n, x in enumerate(broken)])
    assert [(x.price, x.final_price, x.limit) for x in page.lines] == [(None, None, None)] * len(broken)


def test_absent_values_are_none() -> None:
    assert read([{"code": 1}]).lines == [LiveLine("1", None, None, None)]


@pytest.mark.parametrize(
    ("given_price", "expected"),
    [
        ("15.99", "15.99"),
        ("15,99", "15.99"),
        ("1.234,50", "1234.50"),
        ("R$ 8,90", "8.90"),
        (15.990000000000002, "15.99"),
        (15, "15.00"),
        ("18.9", "18.90"),
        ("0.005", "0.01"),
        ("-1", "-1.00"),
    ],
)
def test_prices_of_every_form_are_exact_cents(given_price: Any, expected: str) -> None:
    (line,) = read([wire(price=given_price)]).lines
    assert str(line.price) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1203, "1203"), ("0001203", "1203"), (" 7 ", "7"), ("000", "0"), (0, "0"), (Decimal("7.0"), "7"), ("A-1", "A-1")],
)
def test_codes_lose_their_zeros(value: Any, expected: str) -> None:
    assert read_code(value) == expected


@pytest.mark.parametrize("value", ["\ud83d", "7\x00", "7\n8", "\u202e7"])
def test_a_code_that_can_neither_be_kept_nor_shown_spoils_the_answer(value: str) -> None:
    document = [wire(code=value)]
    assert read_code(value) is None
    with pytest.raises(UnknownShape):
        read(document)
    assert FAST.read(json.dumps({"response": {"discounts": document}}).encode(), ZONE, REGISTRATION) is None


@pytest.mark.parametrize(
    ("value", "expected"), [("1000", 1000), (5, 5), (Decimal("5.0"), 5), ("5,5", None), ("1e9999", None), (None, None)]
)
def test_limits_are_whole(value: Any, expected: int | None) -> None:
    assert read_limit(value) == expected


def test_a_number_of_a_billion_digits_is_unreadable_at_once() -> None:
    parsed = parse(b'[{"code": "1", "price": 1e999999999, "final_price": 1e-999999999, "limit": 1e999999999}]')
    (line,) = TolerantReader(Names.accepted(LineFields().model_dump()), ZONE, REGISTRATION).read(parsed).lines
    assert (line.price, line.limit) == (None, None)
    assert read_code(Decimal("1e999999999")) is None


def test_a_price_too_large_to_round_is_unreadable() -> None:
    assert read_price(Decimal("1e30")) is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T06:00",
        "2026-11-23T06:00:00",
        "2026-11-23 06:00:00",
        "2026-11-23T06:00:00.000-03:00",
        "2026-11-23 06:00:00 -0300",
        "2026-11-23T09:00:00Z",
        "2026-11-23 09:00:00 UTC",
        "2026-11-23T05:00:00-04:00",
        "23/11/2026 06:00",
        "23/11/2026 06:00:00",
    ],
)
def test_times_of_every_form_are_the_same_instant(text: str) -> None:
    assert TimeReader(ZONE).read(text) == NINE


@pytest.mark.parametrize("value", ["2026-11-23", "", "soon", "2026-13-45T99:00", None, 1795000000, "0001-01-01T00:00"])
def test_what_is_no_point_in_time_is_unknown(value: Any) -> None:
    assert TimeReader(ZoneInfo("Asia/Tokyo")).read(value) is None


def test_a_lines_own_window_wins_over_its_campaigns_bound_by_bound() -> None:
    campaign = {
        "start_date": "2026-11-23T06:00",
        "end_date": "2026-11-23T23:59",
        "discount_store_lines": [
            wire(),
            wire("2", start_at="2026-11-23T07:00", expire_at=None),
            wire("3", end_date="x"),
        ],
    }
    windows = [(x.starts and x.starts.hour, x.ends and x.ends.hour) for x in read([campaign]).lines]
    assert windows == [(9, 2), (10, 2), (9, None)]


def test_both_known_name_sets_and_the_configured_one_are_read() -> None:
    own = LineFields(code="sku", price="de", final_price="por", limit="max")
    documented = {"product_code": "2", "original_price": "2", "discount_price": "1", "quantity_limit": 5}
    configured = {"sku": "3", "de": "2", "por": "1", "max": 5}
    page = read([wire("1"), documented, configured], own)
    assert {(x.price, x.final_price, x.limit) for x in page.lines} == {(Decimal("2.00"), Decimal("1.00"), 5)}
    assert [x.code for x in page.lines] == ["1", "2", "3"]


def test_the_configured_name_wins_when_several_are_present() -> None:
    own = LineFields(code="product_code")
    assert [line.code for line in read([wire("77", product_code="1")], own).lines] == ["1"]


def test_a_campaign_of_other_stores_only_is_not_ours() -> None:
    def campaign(code: str, *registrations: Any) -> dict[str, Any]:
        return {"store_registrations": list(registrations), "discount_store_lines": [wire(code)]}

    page = read(
        [
            campaign("1", "11.222.333/0001-81"),
            campaign("2", "99"),
            campaign("3"),
            campaign("4", "99", int(REGISTRATION)),
            campaign("5", "99") | {"store_registrations": "99"},
            campaign("6", "99") | {"store_registrations": f"99, {REGISTRATION}"},
            {"store_registration": "99", "discount_store_lines": [wire("7")]},
            {"store_registration": int(REGISTRATION), "discount_store_lines": [wire("8")]},
        ]
    )
    assert [x.code for x in page.lines] == ["1", "3", "4", "6", "8"]
    assert (page.items, page.passed) == (8, 3)


def test_of_lines_that_name_their_store_only_ours_are_read() -> None:
    page = read({"discounts": [wire("1", store_registration="99"), wire("2", store_registration=REGISTRATION)]})
    assert [x.code for x in page.lines] == ["2"]


def test_a_campaign_wrapped_in_its_own_name_is_read() -> None:
    assert len(read([{"discount_store": {"discount_store_lines": [wire()]}}]).lines) == 1


def test_one_clean_answer_takes_the_fast_way() -> None:
    flat = {"response": {"code": 200, "discounts": [wire(start_at="2026-11-23T06:00", expire_at=None)]}}
    campaign = {
        "id": 501,
        "name": "x",
        "store_registrations": [REGISTRATION],
        "start_date": "2026-11-23T06:00:00.000-03:00",
        "end_date": "2026-11-23T23:59:00.000-03:00",
        "discount_store_lines": [wire("007")],
    }
    for document in (flat, campaign):
        page = FAST.read(json.dumps(document).encode(), ZONE, REGISTRATION)
        assert page is not None
        assert page == read(document)


@pytest.mark.parametrize(
    "document",
    [
        {"response": {"code": 422, "discounts": []}},
        {"response": {"discounts": [], "errors": ["x"]}},
        {"response": {"discounts": [], "next_page": 2}},
        {"response": {"discounts": [wire(price="1,5")]}},
        {"response": {"discounts": [wire(price="NaN")]}},
        {"response": {"discounts": [wire(price="1e30")]}},
        {"response": {"discounts": [wire(product_code="9")]}},
        {"response": {"discounts": [wire(code=" ")]}},
        {
            "store_registrations": ["99"],
            "start_date": "",
            "end_date": "",
            "discount_store_lines": [wire()],
        },
    ],
)
def test_whatever_is_not_clean_leaves_the_fast_way(document: Any) -> None:
    assert FAST.read(json.dumps(document).encode(), ZONE, REGISTRATION) is None


numbers = (
    st.decimals(0, 10**6, places=2).map(str)
    | st.integers(0, 10**6)
    | st.floats(0, 10**6)
    | st.sampled_from(["1,50", "", None, "R$ 2", " 3 "])
)
codes = st.integers(0, 10**6) | st.text("0123456789 A-", max_size=6) | st.none()
times = st.none() | st.sampled_from(["2026-11-23T06:00", "2026-11-23T06:00:00.000-03:00", "2026-11-23", "?"])
wires = st.builds(wire, codes, numbers, numbers, st.integers(0, 99), start_at=times, expire_at=times)


@given(st.lists(wires, max_size=4), st.booleans(), times.filter(bool))
def test_the_fast_way_reads_only_what_the_tolerant_one_reads_alike(
    lines: list[dict[str, Any]], flat: bool, start: str
) -> None:
    whole = {
        "store_registrations": [REGISTRATION],
        "start_date": start,
        "end_date": "2026-11-23T23:59",
        "discount_store_lines": lines,
    }
    document = {"response": {"discounts": lines}} if flat else whole
    page = FAST.read(json.dumps(document).encode(), ZONE, REGISTRATION)
    if page is not None:
        assert page == read(document)


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["response", "data", "discounts", "discount_store_lines", "code", "price", "total", "meta"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(documents)
def test_any_document_is_read_or_an_unknown_shape(document: Any) -> None:
    try:
        page = read(document)
    except UnknownShape:
        return
    assert all(line.code for line in page.lines)
