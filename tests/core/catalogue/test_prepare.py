"""From candidates to lines, and the fingerprint of a list."""

import hashlib
from decimal import Decimal
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue.lines import Candidate, Line
from core.catalogue.prepare import digest, prepare


def candidate(code: str, final: str = "15.99", limit: int | None = None) -> Candidate:
    return Candidate(code, "Rice", "", Decimal("18.90"), Decimal(final), limit)


@pytest.mark.parametrize(
    ("own", "store", "expected"),
    [(6, 50, 6), (None, 50, 50), (0, 50, 50), (None, None, 1000), (0, None, 1000), (6, None, 6)],
)
def test_the_product_limit_wins_over_the_store_and_that_over_the_integration(
    own: int | None, store: int | None, expected: int
) -> None:
    (line,) = prepare([candidate("1", limit=own)], store, 1000)
    assert line == Line("1", Decimal("18.90"), Decimal("15.99"), expected)


def test_lines_come_in_numeric_order() -> None:
    prepared = prepare([candidate(code) for code in ("100", "9", "20")], None, 1000)
    assert [line.code for line in prepared] == ["9", "20", "100"]


def test_of_a_repeated_code_the_last_one_counts() -> None:
    (line,) = prepare([candidate("1", "15.99"), candidate("1", "14.99")], None, 1000)
    assert line.final_price == Decimal("14.99")


cents = st.integers(1, 10**7).map(lambda value: Decimal(value).scaleb(-2))
lists = st.lists(
    st.builds(Line, st.integers(1, 10**9).map(str), cents, cents, st.integers(1, 9)),
    unique_by=lambda line: line.code,
)


@given(lists, st.randoms())
def test_the_digest_does_not_depend_on_the_order(some: list[Line], random: Random) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)
    assert digest(shuffled) == digest(some)


@given(lists.filter(bool), st.sampled_from(["code", "price", "final_price", "limit"]))
def test_the_digest_changes_with_every_value(some: list[Line], field: str) -> None:
    changed = {"code": "x", "price": Decimal("0.00"), "final_price": Decimal("0.00"), "limit": 77}[field]
    other = [msgspec.structs.replace(some[0], **{field: changed}), *some[1:]]
    assert digest(other) != digest(some)
    assert digest(some[1:]) != digest(some)


def test_the_digest_is_stable_between_releases() -> None:
    canonical = b'[{"code":"1203","price":"18.90","final_price":"15.99","limit":1000}]'
    line = Line("1203", Decimal("18.90"), Decimal("15.99"), 1000)
    assert digest([line]) == hashlib.sha256(canonical).hexdigest()
