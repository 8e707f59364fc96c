"""CNPJs, in their old and their new form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cnpj import check_digits, format_cnpj, parse_cnpj
from core.errors import BadInput

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize("written", ["11222333000181", "11.222.333/0001-81", " 11 222 333 0001 81 "])
def test_a_number_is_read_however_it_is_written(written: str) -> None:
    assert parse_cnpj(written) == "11222333000181"


def test_the_official_example_with_letters_is_right() -> None:
    assert parse_cnpj("12.abc.345/01de-35") == "12ABC34501DE35"


@pytest.mark.parametrize("wrong", ["11222333000182", "12ABC34501DE36", "00000000000000", "11111111111111"])
def test_wrong_check_digits_are_refused(wrong: str) -> None:
    with pytest.raises(BadInput, match="check digits are wrong"):
        parse_cnpj(wrong)


@pytest.mark.parametrize(
    "wrong", ["", "1122233300018", "112223330001811", "12ABC34501DEA5", "11222333000é81", "1.12E+13"]
)
def test_what_has_not_the_form_is_refused(wrong: str) -> None:
    with pytest.raises(BadInput, match="14 characters and ends in two digits"):
        parse_cnpj(wrong)


@given(st.text(ALPHABET, min_size=12, max_size=12).filter(lambda base: len(set(base)) > 1), st.integers(0, 13))
def test_one_mistyped_digit_never_passes(base: str, place: int) -> None:
    cnpj = base + check_digits(base)
    assert parse_cnpj(format_cnpj(cnpj)) == cnpj
    if cnpj[place].isdecimal():
        mistyped = cnpj[:place] + str((int(cnpj[place]) + 1) % 10) + cnpj[place + 1 :]
        with pytest.raises(BadInput):
            parse_cnpj(mistyped)
