"""The short way and the tolerant way agree on every page, however it is spelled."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalogue.lines import Reject
from core.errors import OutsideError
from integrations.http import Answer
from integrations.rp import answers
from integrations.rp.decide import Page, Plan
from integrations.rp.pages import PageReader, judge
from integrations.rp.settings import RpSettings

Say = Callable[..., Answer]
CLEAN = {
    "Codigo": 1,
    "CodigoBarras": "7891000000017",
    "Descricao": "CAFE",
    "Preco": 18.9,
    "PrecoPDV": 18.9,
    "PrecoVenda2": 15.99,
    "Ativo": True,
    "Bloqueado": "N",
    "Status": "NORMAL",
}


def plan_of(**options: Any) -> Plan:
    return Plan.of(RpSettings(base_url="http://erp.example", fixed_token="t", **options))


def page_of(items: list[Any], **envelope: Any) -> bytes:
    return json.dumps({"response": {"status": "ok", "produtos": items} | envelope}, ensure_ascii=False).encode()


def taught(plan: Plan, *keys: str) -> PageReader:
    """Return a reader that has seen clean pages, with the given keys besides."""
    reader = PageReader(plan)
    reader._fast.learn([CLEAN | dict.fromkeys(keys, 0)])
    return reader


def both_ways(reader: PageReader, plan: Plan, body: bytes, say: Say, cursor: int = 0) -> Page | None:
    """Return what the fast way read, after comparing it with the tolerant way."""
    fast = reader._fast.read(body, cursor)
    if fast is not None:
        slow = judge(answers.items(answers.accept(say(body))), cursor, plan)
        assert fast == slow
        assert [str(c.final) for c in fast.candidates] == [str(c.final) for c in slow.candidates]
    return fast


def test_a_clean_page_takes_the_short_way_once_its_keys_are_known(say: Say) -> None:
    reader, plan = PageReader(plan_of()), plan_of()
    body = page_of([CLEAN, CLEAN | {"Codigo": 2, "PrecoVenda2": 0}, CLEAN | {"Codigo": 3, "Ativo": False}])
    assert reader._fast.read(body, 0) is None
    slow = reader.read(say(body), 0)
    fast = both_ways(reader, plan, body, say)
    assert fast == slow
    assert fast.rejects == {Reject.NO_CLUB_PRICE: [2], Reject.INACTIVE: [3]}


@pytest.mark.parametrize(
    "changes",
    [
        {"Codigo": 2},
        {"Codigo": 1},
        {"Codigo": "1"},
        {"Codigo": None},
        {"Codigo": 0},
        {"Descricao": None},
        {"Ativo": "S"},
        {"Limite": "12"},
        {"ATIVO": False},
        {"limite": -1},
        {"Bloqueádo": "S"},
        {"Limité": 3},
        {"PRECO_PDV": 1},
        {"Novidade": 1},
    ],
)
def test_a_page_with_any_surprise_takes_the_tolerant_way(changes: dict[str, Any]) -> None:
    items = [CLEAN | {"Codigo": 2}, {**CLEAN, "Codigo": 3} | changes]
    assert taught(plan_of(), "Limite")._fast.read(page_of(items), 0) is None


@pytest.mark.parametrize("status", ["error", "", None, 1])
def test_a_status_other_than_ok_never_takes_the_short_way(status: Any) -> None:
    assert taught(plan_of())._fast.read(page_of([CLEAN], status=status), 0) is None


def test_a_page_at_or_before_the_cursor_takes_the_tolerant_way() -> None:
    assert taught(plan_of())._fast.read(page_of([CLEAN]), 1) is None


@pytest.mark.parametrize("odd", ["LIMITE", "limite", "Limité", "li_mite", "Límite", "L\\u0069mite"])
def test_a_limit_spelled_otherwise_is_not_overlooked(odd: str, say: Say) -> None:
    reader = taught(plan_of())
    body = page_of([CLEAN | {"ODD": -1}]).replace(b'"ODD"', f'"{odd}"'.encode())
    assert reader.read(say(body), 0).rejects == {Reject.INVALID_NUMBER: [1]}
    assert reader.read(say(body), 0).rejects == {Reject.INVALID_NUMBER: [1]}, "learning must not change it"


def test_a_key_written_with_escapes_is_the_same_key(say: Say) -> None:
    body = page_of([CLEAN]).replace(b'"Ativo": true', b'"\\u0041tivo": false')
    assert taught(plan_of()).read(say(body), 0).rejects == {Reject.INACTIVE: [1]}


def test_of_a_key_given_twice_the_last_one_counts_on_both_ways(say: Say) -> None:
    body = page_of([CLEAN]).replace(b'"Ativo": true', b'"Ativo": true, "Ativo": false')
    fast = both_ways(taught(plan_of()), plan_of(), body, say)
    assert fast is not None
    assert fast.rejects == {Reject.INACTIVE: [1]}


def test_prices_never_pass_through_a_float(say: Say) -> None:
    body = page_of([CLEAN]).replace(b"15.99", b"1.00499999999999999999999999")
    fast = both_ways(taught(plan_of()), plan_of(), body, say)
    assert fast is not None
    assert str(fast.candidates[0].final) == "1.00"


def test_the_till_price_may_be_the_base_price_too(say: Say) -> None:
    plan = plan_of(base_price_fields=["precopdv"])
    reader = PageReader(plan)
    reader._fast.learn([CLEAN])
    fast = both_ways(reader, plan, page_of([CLEAN]), say)
    assert fast is not None
    assert fast.candidates[0].till == fast.candidates[0].base == Decimal("18.90")


def test_an_endless_stream_of_new_keys_is_not_learnt() -> None:
    reader = PageReader(plan_of())
    for number in range(600):
        reader._fast.learn([CLEAN | {f"Extra{number}": 1}])
    shape = reader._fast._shape
    assert shape is not None
    assert len(shape._kinds) <= 512


@pytest.mark.parametrize(
    ("first", "later"),
    [("N", "P"), ("", "23-11-2026"), (1, "1"), (1.5, None), (True, "S"), ("N", {"a": [1]}), (None, 7), (1, 10**400)],
)
def test_a_field_nobody_consults_costs_one_slow_page_when_it_first_holds_something_else(
    first: Any, later: Any, say: Say
) -> None:
    reader, body = PageReader(plan_of()), page_of([CLEAN | {"Balanca": later}])
    reader.read(say(page_of([CLEAN | {"Balanca": first}])), 0)
    assert both_ways(reader, plan_of(), page_of([CLEAN | {"Balanca": first}]), say) is not None
    reader.read(say(body), 0)
    for _ in range(2):
        assert both_ways(reader, plan_of(), body, say) is not None
        assert both_ways(reader, plan_of(), page_of([CLEAN | {"Balanca": first}]), say) is not None


@pytest.mark.parametrize("changes", [{"Bloqueado": "talvez"}, {"Bloqueado": True}, {"Status": "SUSPENSO"}])
def test_a_word_that_a_flag_never_held_before_is_judged_by_the_full_rules(changes: dict[str, Any], say: Say) -> None:
    reader, body = taught(plan_of()), page_of([CLEAN | changes])
    assert reader.read(say(body), 0).candidates == []
    assert reader.read(say(body), 0).candidates == []
    assert both_ways(reader, plan_of(), body, say) is not None
    assert len(reader.read(say(page_of([CLEAN])), 0).candidates) == 1


@pytest.mark.parametrize("base", ["0.0", "0.004", "1e1", "0.10", "5", '"18.90"', "null", "true", "[]", "-1.0", "1e999"])
def test_a_base_price_beside_no_club_price_is_judged_for_itself_alone(base: str, say: Say) -> None:
    items = [CLEAN | {"PrecoVenda2": 0}, CLEAN | {"Codigo": 2, "PrecoVenda2": 0, "Preco": 4321}, CLEAN | {"Codigo": 3}]
    body = page_of(items).replace(b"4321", base.encode())
    both_ways(taught(plan_of()), plan_of(), body, say)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("17.994999999999999999999", "17.99"),
        ("17.995", "18.00"),
        ("17.9950000000000000000001", "18.00"),
        ("17.990000000000002", "17.99"),
        ("9999999998.99", "9999999998.99"),
        ("0.005", "0.01"),
    ],
)
def test_a_price_is_rounded_as_it_was_written_not_as_a_float_keeps_it(text: str, cents: str, say: Say) -> None:
    body = page_of([CLEAN | {"Preco": 10**10 - 1, "PrecoVenda2": 4321}]).replace(b"4321", text.encode())

    fast = both_ways(taught(plan_of()), plan_of(), body, say)

    assert fast is not None
    assert str(fast.candidates[0].final) == cents


edges = st.sampled_from(
    ["0", "0.0", "-0.0", "0.004", "0.005", "0.01", "18.894", "18.895", "18.9", "18.90", "1e2", "-1"]
)
hairs = st.sampled_from(
    ["18.89499999999999999999", "18.8950000000000000001", "0.00499999999999999999", "18.900000000000002"]
)
huge = st.sampled_from(["1e12", "999999999999.99", "1e30", "1e400", "1E-400", "123456789012345678901234567890.5"])
decimals = st.decimals(0, 50, places=3).map(str)
quoted = st.sampled_from(
    ['"8.90"', '"8,90"', '"1.234,56"', '"R$ 8,90"', '"+8"', '"1_0"', '" 9 "', '"NaN"', '"-1"', '""']
)
numbers = st.one_of(
    decimals, decimals, edges, hairs, huge, quoted, st.sampled_from(["null", "true", "[]", "{}", "NaN"])
)
texts = st.one_of(
    st.sampled_from(["*CAFE  1", "NÃO ENCONTRADO NO RP ÁTOMO", "nao encontrado no rp atomo", "CONTRA FILÉ", "CAFE 2"]),
    st.text(max_size=12),
).map(json.dumps)
others = {
    "Ativo": st.sampled_from(["true", "true", "false", '"S"', "null", "0"]),
    "Bloqueado": st.sampled_from(['"N"', '"N"', '"S"', "true", "false", "null", '""']),
    "Status": st.sampled_from(['"NORMAL"', '"NORMAL"', '"CANCELADO"', '""', '"normal"', "null"]),
    "CodigoBarras": st.sampled_from(['"7891000000017"', '"SEM GTIN"', '""', '"0"', "7891000000017", "null"]),
    "Limite": st.one_of(st.sampled_from(["0", "5", "5.0", "-1", '"7"', "null", "1000000000"]), numbers),
    "PrecoPDV": numbers,
    "Preco": numbers,
    "PrecoVenda2": numbers,
    "Descricao": texts,
}
SPELLINGS: list[Callable[[str], str]] = [
    str,
    str,
    str,
    str,
    str.lower,
    str.upper,
    lambda key: key.replace("i", "í"),
    lambda key: f"_{key}",
]


@st.composite
def wire_items(draw: st.DrawFn) -> str:
    """One product as JSON text, mostly clean, with a few odd values, keys, gaps and repetitions."""
    pairs = [(key, json.dumps(value)) for key, value in CLEAN.items() if key != "Codigo"]
    for key in draw(st.lists(st.sampled_from(sorted(others)), max_size=3)):
        pairs = [pair for pair in pairs if pair[0] != key or draw(st.booleans())]
        if draw(st.integers(0, 3)):
            pairs.append((draw(st.sampled_from(SPELLINGS))(key), draw(others[key])))
    code = draw(st.integers(1, 9))
    return "{" + ", ".join(f'"{key}": {value}' for key, value in [("Codigo", str(code)), *pairs]) + "}"


@settings(max_examples=150, deadline=None)
@given(items=st.lists(wire_items(), min_size=1, max_size=3), sort=st.booleans())
def test_both_ways_agree_on_pages_of_any_spelling(items: list[str], sort: bool) -> None:
    ordered = sorted(items) if sort else items
    body = f'{{"response": {{"status": "ok", "produtos": [{", ".join(ordered)}]}}}}'.encode()
    plan = plan_of()
    for reader in (taught(plan), taught(plan, "Limite")):
        fast = reader._fast.read(body, 0)
        if fast is None:
            continue
        assert fast == judge(answers.items(answers.parse(body)), 0, plan)


@given(st.binary(max_size=200))
def test_random_bytes_end_in_a_clear_error_and_nothing_else(body: bytes) -> None:
    reader = taught(plan_of())
    with pytest.raises(OutsideError):
        reader.read(Answer(200, {}, body, timedelta(), None), 0)


@pytest.mark.parametrize(
    "base",
    [
        "0.004",
        "0.005",
        "0.5",
        "1.5",
        "10.55",
        "1.5e3",
        "1e2",
        "9" * 40 + ".5",
        "999999999999.99",
        "-1.5",
        '"1x.50"',
        "7",
    ],
)
@pytest.mark.parametrize("club", ["0", "0.0", "-0.0", "false", "null", '"0"'])
def test_without_a_club_price_the_base_price_is_judged_all_the_same(base: str, club: str, say: Say) -> None:
    item = json.dumps(CLEAN).replace("15.99", club).replace('"Preco": 18.9', f'"Preco": {base}')
    body = f'{{"response": {{"status": "ok", "produtos": [{item}]}}}}'.encode()
    assert both_ways(taught(plan_of()), plan_of(), body, say) is not None


@pytest.mark.parametrize("till", ["true", "null", "18.90", '"18.90"', "18.9", "1", "0", "-1", '"n/d"', "[]"])
@pytest.mark.parametrize("base", ["18.9", "18.90", '"18.90"', "19", "true"])
def test_the_till_price_is_read_by_itself_however_like_the_base_it_is(till: str, base: str, say: Say) -> None:
    item = (
        json.dumps(CLEAN)
        .replace('"PrecoPDV": 18.9', f'"PrecoPDV": {till}')
        .replace('"Preco": 18.9', f'"Preco": {base}')
    )
    body = f'{{"response": {{"status": "ok", "produtos": [{item}]}}}}'.encode()
    assert both_ways(taught(plan_of()), plan_of(), body, say) is not None


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "1e9999999999999999999"])
@pytest.mark.parametrize(("field", "kept"), [("Margem", ["1", "2"]), ("PrecoVenda2", ["2"]), ("Preco", ["2"])])
def test_what_is_no_number_spoils_its_product_and_only_where_it_is_consulted(
    odd: str, field: str, kept: list[str], say: Say
) -> None:
    body = page_of([CLEAN | {field: 4321}, CLEAN | {"Codigo": 2}]).replace(b"4321", odd.encode())
    for reader in (PageReader(plan_of()), taught(plan_of(), "Margem")):
        page = reader.read(say(body), 0)
        assert [one.code for one in page.candidates] == kept
        assert page.rejects == ({} if field == "Margem" else {Reject.INVALID_NUMBER: [1]})


def test_an_empty_page_takes_the_tolerant_way_which_sees_what_stands_beside_it(say: Say) -> None:
    reader = taught(plan_of())
    assert reader.read(say(page_of([])), 0).read == 0
    with pytest.raises(OutsideError):
        reader.read(say(page_of([], error="Falha ao carregar dados")), 0)
