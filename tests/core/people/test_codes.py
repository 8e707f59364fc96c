"""The codes of authenticator apps: those of the standard, near now and no others."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from core.people.codes import STEP_SECONDS, address, matching_step, new_key
from tests.kit.authenticator import code_of

KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The key of RFC 6238, appendix B."""
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
PRESENT = int(NOW.timestamp()) // STEP_SECONDS


@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_the_standard(second: int, code: str) -> None:
    assert matching_step(KEY, code, datetime.fromtimestamp(second, UTC)) == second // STEP_SECONDS


@pytest.mark.parametrize(("off", "step"), [(-2, None), (-1, PRESENT - 1), (0, PRESENT), (1, PRESENT + 1), (2, None)])
def test_a_clock_may_be_one_step_off_and_no_more(off: int, step: int | None) -> None:
    assert matching_step(KEY, code_of(KEY, NOW, off), NOW) == step


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "٢٨٧٠٨٢", "287082\n1", "-87082"])
def test_what_is_no_code_is_not_taken(typed: str) -> None:
    assert matching_step(KEY, typed, datetime.fromtimestamp(59, UTC)) is None


@pytest.mark.parametrize("typed", ["287 082", " 287082 "])
def test_a_code_may_be_typed_with_blanks_as_apps_show_it(typed: str) -> None:
    assert matching_step(KEY, typed, datetime.fromtimestamp(59, UTC)) == 1


def test_no_two_keys_are_the_same_and_each_has_160_bits() -> None:
    keys = {new_key() for _ in range(20)}
    assert len(keys) == 20
    assert {len(key) for key in keys} == {32}


def test_the_address_names_issuer_and_account_with_no_sign_that_apps_would_misread() -> None:
    made = address(KEY, "Mercado São João: Azul", "Ana Lúcia")
    parts = urlsplit(made)
    assert unquote(parts.path) == "/Mercado São João Azul:Ana Lúcia"
    assert parse_qs(parts.query) == {
        "secret": [KEY],
        "issuer": ["Mercado São João Azul"],
        "algorithm": ["SHA1"],
        "digits": ["6"],
        "period": ["30"],
    }
    assert "+" not in made
