"""Which products enter the list, and under which reason the others are counted (rules 1.2-1.5)."""

from decimal import Decimal
from typing import Any

import pytest

from core.catalogue.lines import Candidate, Reject
from integrations.rp import fields
from integrations.rp.decide import Plan, decide
from integrations.rp.settings import RpSettings

GOOD = {
    "Codigo": 1203,
    "Descricao": "CAFE TORRADO 500G",
    "CodigoBarras": "7891000000017",
    "Preco": Decimal("18.9"),
    "PrecoPDV": Decimal("18.9"),
    "PrecoVenda2": Decimal("15.99"),
    "Ativo": True,
    "Bloqueado": "N",
    "Status": "NORMAL",
}
ABSENT = object()


def judged(settings: dict[str, Any] | None = None, **changes: Any) -> Candidate | Reject:
    plan = Plan.of(RpSettings(base_url="http://erp.example", fixed_token="t", **(settings or {})))
    item = {key: value for key, value in (GOOD | changes).items() if value is not ABSENT}
    return decide(fields.pick(item, plan.wanted), "1203", plan)


def candidate(settings: dict[str, Any] | None = None, **changes: Any) -> Candidate:
    found = judged(settings, **changes)
    assert isinstance(found, Candidate), found
    return found


def test_a_clean_product_becomes_a_candidate_in_cents() -> None:
    assert judged() == Candidate(
        "1203",
        "CAFE TORRADO 500G",
        "7891000000017",
        Decimal("18.90"),
        Decimal("15.99"),
        None,
        Decimal("18.90"),
        per_unit=False,
    )


@pytest.mark.parametrize("none", [0, Decimal("0.0"), None, "", "  ", "0,00", Decimal("0.004"), ABSENT])
def test_a_club_price_of_nothing_is_no_club_price(none: Any) -> None:
    assert judged(PrecoVenda2=none) is Reject.NO_CLUB_PRICE


@pytest.mark.parametrize("none", [0, None, "", "0,00", Decimal("0.004"), ABSENT])
def test_a_base_price_of_nothing_rejects_even_while_the_till_has_one(none: Any) -> None:
    assert judged(Preco=none, PrecoPDV=Decimal("18.9")) is Reject.ZERO_PRICE


@pytest.mark.parametrize("club", [Decimal("18.9"), Decimal(19), "18,90", Decimal("18.896")])
def test_a_club_price_equal_or_above_base_after_rounding_is_rejected(club: Any) -> None:
    assert judged(PrecoVenda2=club) is Reject.CLUB_NOT_BELOW_BASE


@pytest.mark.parametrize(
    "wrong",
    [Decimal(-1), Decimal("NaN"), Decimal("1e999"), "abc", "NaN", "Infinity", True, [1], {"a": 1}, "1,2,3", "1_0.5"],
)
@pytest.mark.parametrize("field", ["Preco", "PrecoVenda2", "Limite"])
def test_an_unreadable_or_negative_number_rejects_where_it_is_consulted(field: str, wrong: Any) -> None:
    assert judged(**{field: wrong}) is Reject.INVALID_NUMBER


@pytest.mark.parametrize("beyond", [10**10, Decimal("9999999999.995")])
def test_a_price_that_no_database_could_keep_rejects_its_product_alone(beyond: Any) -> None:
    assert judged(Preco=beyond) is Reject.INVALID_NUMBER
    assert candidate(PrecoPDV=beyond).till is None
    assert candidate(Preco=Decimal("9999999999.99")).base == Decimal("9999999999.99")


@pytest.mark.parametrize("wrong", [Decimal(-1), "n/d", True, None, "", 0, Decimal("1e999")])
def test_an_unreadable_till_price_only_switches_the_till_check_off(wrong: Any) -> None:
    assert candidate(PrecoPDV=wrong).till is None


def test_fields_that_are_not_consulted_may_hold_anything() -> None:
    candidate(PrecoNormal="abc", PrecoPDV2=Decimal(-5), PrecoLista=None)


def test_a_till_price_far_from_the_base_price_is_kept_for_the_guard_rails() -> None:
    assert candidate(PrecoPDV=Decimal("97.97")).till == Decimal("97.97")


@pytest.mark.parametrize(
    ("text", "cents"),
    [("15.9", "15.90"), ("15,9", "15.90"), ("R$ 15,90", "15.90"), ("1.234,56", "1234.56"), ("15.995", "16.00")],
)
def test_numbers_as_text_are_read_like_people_write_them(text: str, cents: str) -> None:
    assert str(candidate(Preco=Decimal(9999), PrecoVenda2=text).final) == cents


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Ativo": False}, Reject.INACTIVE),
        ({"Ativo": "false"}, Reject.INACTIVE),
        ({"Ativo": None}, Reject.INACTIVE),
        ({"Ativo": ""}, Reject.INACTIVE),
        ({"Ativo": "?"}, Reject.INACTIVE),
        ({"Bloqueado": "S"}, Reject.BLOCKED),
        ({"Bloqueado": True}, Reject.BLOCKED),
        ({"Bloqueado": "?"}, Reject.BLOCKED),
        ({"Status": "CANCELADO"}, Reject.CANCELLED),
        ({"Status": "OUTRO"}, Reject.CANCELLED),
        ({"Descricao": "NÃO ENCONTRADO NO RP ÁTOMO"}, Reject.PLACEHOLDER_NAME),
        ({"Descricao": "* nao  encontrado no rp atomo 1203"}, Reject.PLACEHOLDER_NAME),
        ({"Descricao": "Não Encontrado no RP Átomo"}, Reject.PLACEHOLDER_NAME),
        ({"Descricao": "N\u00c3O ENCONTRADO NO RP \u00c1TOMO".encode().decode("latin-1")}, Reject.PLACEHOLDER_NAME),
    ],
)
def test_unsellable_products_are_counted_under_their_reason(changes: dict[str, Any], reason: Reject) -> None:
    assert judged(**changes) is reason


@pytest.mark.parametrize(
    "changes",
    [
        {"Ativo": ABSENT},
        {"Ativo": "S"},
        {"Ativo": "1"},
        {"Ativo": 1},
        {"Bloqueado": ABSENT},
        {"Bloqueado": None},
        {"Bloqueado": False},
        {"Bloqueado": ""},
        {"Status": ABSENT},
        {"Status": ""},
        {"Status": "normal "},
        {"Descricao": "EXTRATO CONCENTRADO"},
        {"Descricao": None},
        {"Oferta": "S", "DataOferta": "01-01-2020"},
    ],
)
def test_sellable_products_pass_in_every_spelling_of_their_state(changes: dict[str, Any]) -> None:
    candidate(**changes)


def test_only_the_first_reason_in_the_settled_order_counts() -> None:
    faults: list[dict[str, Any]] = [
        {"Ativo": False},
        {"Bloqueado": "S"},
        {"Status": "CANCELADO"},
        {"Descricao": "NÃO ENCONTRADO NO RP ÁTOMO"},
        {"Limite": -1},
        {"Preco": 0},
        {"PrecoVenda2": 0},
    ]
    for first, reason in enumerate(list(Reject)[:-1]):
        wrong = {key: value for fault in faults[first:] for key, value in fault.items()}
        assert judged(**wrong) is reason


@pytest.mark.parametrize(("limit", "read"), [(12, 12), ("12", 12), (0, None), (None, None), ("", None), (ABSENT, None)])
def test_the_products_own_limit_is_used_unless_it_is_none_or_zero(limit: Any, read: int | None) -> None:
    assert candidate(Limite=limit).limit == read


@pytest.mark.parametrize("limit", [Decimal("2.5"), 10**12, Decimal("1e999999999")])
def test_a_limit_that_is_no_sensible_count_is_an_invalid_number(limit: Any) -> None:
    assert judged(Limite=limit) is Reject.INVALID_NUMBER


TWO = {"club_price_fields": ["PrecoVenda2", "Preco2"], "base_price_fields": ["Preco", "PrecoNormal"]}


def test_a_further_price_field_is_used_when_the_one_before_is_absent() -> None:
    found = candidate(TWO, PrecoVenda2=ABSENT, preco2=Decimal(9), Preco=ABSENT, PRECO_NORMAL=Decimal(10))
    assert (found.base, found.final) == (Decimal(10), Decimal(9))


@pytest.mark.parametrize("nothing", [0, None, ""])
def test_a_price_that_is_there_but_empty_never_sends_the_search_elsewhere(nothing: Any) -> None:
    assert judged(TWO, PrecoVenda2=nothing, Preco2=Decimal(9)) is Reject.NO_CLUB_PRICE
    assert judged(TWO, Preco=nothing, PrecoNormal=Decimal(99)) is Reject.ZERO_PRICE


def test_per_unit_prices_are_compared_with_per_unit_prices_only() -> None:
    mixed = {"club_price_fields": ["PrecoVenda2UnidadeMedida"]}
    assert judged(mixed, PrecoVenda2UnidadeMedida=Decimal(1)) is Reject.NO_CLUB_PRICE
    alike = mixed | {"base_price_fields": ["PrecoUnidadeMedida"]}
    found = candidate(alike, PrecoVenda2UnidadeMedida=Decimal("3.495"), PrecoUnidadeMedida=Decimal("3.995"))
    assert (found.final, found.base, found.per_unit) == (Decimal("3.50"), Decimal("4.00"), True)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("*CAFE  TORRADO   500G", "CAFE TORRADO 500G"),
        ("CAFE TORRADO 1203", "CAFE TORRADO"),
        ("CAFE TORRADO 001203", "CAFE TORRADO"),
        ("CAFE TORRADO 203", "CAFE TORRADO 203"),
        ("CAFE ESPECIAL1203", "CAFE ESPECIAL1203"),
        ("1203", "1203"),
        ("LEITE\r\nINTEGRAL\t1L\x00", "LEITE INTEGRAL 1L"),
        ("BRAND \u202eRTL\ud800", "BRAND RTL"),
        ("QUEIJO <b>1&2</b> _KG_ `X`", "QUEIJO <b>1&2</b> _KG_ `X`"),
        ("  ", ""),
    ],
)
def test_names_are_cleaned_of_what_is_not_the_name(raw: str, clean: str) -> None:
    assert candidate(Descricao=raw).name == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("7891000000017", "7891000000017"),
        (7891000000017, "7891000000017"),
        ("0000000012345", "0000000012345"),
        ("SEM GTIN", ""),
        ("0000000000000", ""),
        ("²", ""),
        (0, ""),
        (None, ""),
        (ABSENT, ""),
    ],
)
def test_barcodes_are_digits_or_nothing(raw: Any, clean: str) -> None:
    assert candidate(CodigoBarras=raw).ean == clean


def test_keys_are_known_in_any_case_accent_and_with_underscores() -> None:
    assert judged(ATIVO=False, Ativo=ABSENT) is Reject.INACTIVE
    assert judged(Bloqueado=ABSENT, bloqueádo="S") is Reject.BLOCKED
    assert judged(Preco=ABSENT, PREÇO=0) is Reject.ZERO_PRICE
    assert judged(PrecoVenda2=ABSENT, preco_venda_2=0) is Reject.NO_CLUB_PRICE


def test_of_two_spellings_in_one_product_the_documented_one_wins() -> None:
    candidate(ativo=False)
    assert judged(Ativo=ABSENT, ativo=False, ATIVO=True) is Reject.INACTIVE


@pytest.mark.parametrize(
    ("raw", "code"),
    [(1203, 1203), ("000123", 123), ("123 ", 123), (Decimal("5.0"), 5)],
)
def test_codes_are_whole_numbers_without_leading_zeros(raw: Any, code: int) -> None:
    assert fields.read_code(raw) == code


@pytest.mark.parametrize("raw", [None, 0, -5, "", "A12", True, Decimal("1.5"), 10**18, Decimal("1e999999999"), [], {}])
def test_what_cannot_be_a_code_is_none(raw: Any) -> None:
    assert fields.read_code(raw) is None
