"""Numbers as they stand on the wire: exact, or no number at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Cents, NotANumber, parse_number, to_cents


@pytest.mark.parametrize(
    ("wire", "number"),
    [
        ("8.90", "8.90"),
        ("8,90", "8.90"),
        ("1.234,56", "1234.56"),
        ("R$ 8,90", "8.90"),
        ("R$\u00a01.234.567,8", "1234567.8"),
        ("-3", "-3"),
        ("1e2", "100"),
        (7, "7"),
        (Decimal("5.005"), "5.005"),
    ],
)
def test_every_form_of_a_number_is_read_exactly(wire: str | int | Decimal, number: str) -> None:
    assert parse_number(wire) == Decimal(number)


@pytest.mark.parametrize(
    "wire",
    ["", " ", "abc", "1,2,3", "1.2.3", "NaN", "Infinity", "--1", "1e999", "9" * 40, "12%", True,
     "1_0", "\uff19.50", "9\u200b", "9\0", Decimal("NaN"), Decimal("Infinity"), Decimal("1e999999999")],
)  # fmt: skip
def test_what_is_no_finite_number_is_never_read_as_one(wire: str | Decimal) -> None:
    with pytest.raises(NotANumber):
        parse_number(wire)


@pytest.mark.parametrize(
    ("exact", "cents"), [("2.675", "2.68"), ("1.005", "1.01"), ("0.004", "0.00"), ("15.990000000000002", "15.99")]
)
def test_cents_are_rounded_half_up_never_through_a_float(exact: str, cents: str) -> None:
    assert to_cents(Decimal(exact)) == Decimal(cents)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e50"])
def test_what_is_no_amount_has_no_cents(value: str) -> None:
    with pytest.raises(NotANumber):
        to_cents(Decimal(value))


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_an_amount_written_the_brazilian_way_is_the_same_amount(amount: Decimal) -> None:
    whole, cents = f"{amount:,.2f}".split(".")

    assert parse_number(f"R$ {whole.replace(',', '.')},{cents}") == amount


@pytest.mark.parametrize(
    ("wire", "read"),
    [("8.90", "8.90"), ("8.895", "8.90"), ("8.8949999999999999999999", "8.89"), ("1e2", "100.00"), ("-0.004", "-0.00")],
)
def test_a_price_in_cents_is_what_its_text_says(wire: str, read: str) -> None:
    cents = Cents()
    assert str(cents[wire]) == str(cents.of(wire)) == str(cents[wire]) == read


@pytest.mark.parametrize("wire", ["-0.01", "1e10", "1e400", "9999999999.999"])
def test_a_price_out_of_bounds_stays_text_for_the_full_rules(wire: str) -> None:
    assert Cents()[wire] == wire


@pytest.mark.parametrize("value", [None, True, 10**12, -1, "8,90", "", "NaN", [], {}])
def test_what_is_no_plain_price_is_none_in_cents(value: object) -> None:
    assert Cents().of(value) is None


def test_the_memory_of_prices_is_bounded() -> None:
    cents = Cents()
    for number in range(70_000):
        assert cents[f"{number}.5"] == Decimal(f"{number}.50")
    assert len(cents) < 70_000


@pytest.mark.parametrize("quoted", ["1_0.5", "\uff19.50", "\u0661\u0662", "9\u200b", "9\0"])
def test_what_only_a_programmer_takes_for_a_price_has_no_cents(quoted: str) -> None:
    assert Cents().of(quoted) is None
