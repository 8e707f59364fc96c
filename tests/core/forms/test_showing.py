"""Values said back to people: as they write them themselves, and in the right number."""

from zoneinfo import ZoneInfo

import pytest

from core.cnpj import check_digits
from core.configuration.document import StoreEntry
from core.configuration.plan import differences
from core.forms.describing import describe
from core.forms.fields import FormField, Kind
from core.forms.showing import show, show_example
from core.i18n import Translator
from core.texts import percent

CNPJ = next(one for one in describe(StoreEntry) if one.name == "cnpj")
LETTERS = "12ABC34501DE"


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("11222333000181", "11.222.333/0001-81"),
        (LETTERS + check_digits(LETTERS), f"12.ABC.345/01DE-{check_digits(LETTERS)}"),
        ("11222333000199", "11222333000199"),
        ("not one", "not one"),
    ],
)
def test_a_cnpj_is_shown_with_its_punctuation_and_what_is_none_as_it_stands(kept: str, shown: str) -> None:
    assert str(show(CNPJ, kept)) == shown


def test_a_changed_cnpj_is_told_with_its_punctuation_and_other_numbers_are_not() -> None:
    before = {"cnpj": None, "platform_registration": "11222333000181"}
    after = {"cnpj": "11222333000181", "platform_registration": "11222333000262"}

    assert [str(one.line()) for one in differences(before, after)] == [
        "cnpj: none → 11.222.333/0001-81",
        "platform_registration: 11222333000181 → 11222333000262",
    ]


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [("pieces", 1, "1 unidade"), ("pieces", 7, "7 unidades"), ("products", 1, "1 produto"), ("d", 1, "1 dia"),
     ("%", 80, "80%"), ("min", 1, "1 min"), ("", 3, "3")],
)  # fmt: skip
def test_what_is_counted_agrees_with_the_number(unit: str, value: int, shown: str) -> None:
    field = FormField("x", Kind.NUMBER, "X", int, unit=unit)

    assert Translator("pt_BR", ZoneInfo("UTC"))(show(field, value)) == shown


def test_a_name_that_is_filled_out_is_no_word_of_the_language_where_it_is_given_as_an_example() -> None:
    limit = FormField("limit", Kind.TEXT, "Limit per customer", str, default="limit", example="limit")

    assert Translator("es", ZoneInfo("UTC"))(show_example(limit)) == "limit"


@pytest.mark.parametrize(("locale", "shown"), [("en", "-15.4%"), ("pt_BR", "-15,4%"), ("es", "-15,4\u00a0%")])
def test_a_share_is_written_as_each_language_writes_it(locale: str, shown: str) -> None:
    assert Translator(locale, ZoneInfo("UTC"))(percent(-15.4)) == shown
