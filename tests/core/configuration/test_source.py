"""YAML is read narrowly and safely, and every key knows its line."""

import pytest

from core.configuration.source import MAX_BYTES, read_source
from core.errors import BadInput


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read_source(text)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "plain", ["10:30", "on", "no", "007", "0x1F", "1_000", "1.5.2", "1e5", "2026-11-23", ".inf", "="]
)
def test_plain_text_that_yaml_would_twist_stays_what_it_looks_like(plain: str) -> None:
    assert read_source(f"value: {plain}").data == {"value": plain}


@pytest.mark.parametrize(
    ("plain", "value"),
    [("12", 12), ("-1001", -1001), ("0", 0), ("1.50", 1.5), ("true", True), ("False", False), ("~", None), ("", None)],
)
def test_numbers_switches_and_nothing_are_understood(plain: str, value: object) -> None:
    found = read_source(f"value: {plain}").data["value"]
    assert found == value
    assert type(found) is type(value)


def test_a_quoted_number_is_text() -> None:
    assert read_source("value: '0012'").data == {"value": "0012"}


def test_a_number_too_long_for_a_database_is_text() -> None:
    assert read_source(f"value: {'9' * 5000}").data == {"value": "9" * 5000}


def test_every_key_and_item_knows_its_line() -> None:
    source = read_source("version: 1\nstores:\n  - name: A\n    tags:\n      - x\n      - y\n")
    assert source.line(("stores", 0, "tags", 1)) == 6
    assert source.line(("stores", 0, "name")) == 3


def test_what_is_not_there_has_the_line_of_what_is_around_it() -> None:
    source = read_source("version: 1\nstores:\n  - name: A\n")
    assert source.line(("stores", 0, "cnpj")) == 3
    assert source.line(("users", 5)) == 1


def test_keys_inside_braces_over_several_lines_have_their_own_lines() -> None:
    source = read_source("a: {b: 1,\n  c: 2}\n")
    assert source.line(("a", "c")) == 2


def test_a_key_given_twice_is_told_with_both_lines() -> None:
    ((path, problem),) = read_source("a:\n  b: 1\n  c: 2\n  b: {b: 3}\n").problems
    assert "first in line 2" in str(problem)
    assert read_source("a:\n  b: 1\n  c: 2\n  b: 3\n").line(path) == 4


def test_the_first_of_two_equal_keys_counts_while_further_problems_are_looked_for() -> None:
    assert read_source("b: 1\nb: {c: 2}\nd: 4\n").data == {"b": 1, "d": 4}


def test_a_chain_of_aliases_is_refused_before_it_grows() -> None:
    bomb = "a: &a [1, 2]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert problems(bomb) == ["Line 2: Aliases (*name) are not understood. Write it out."]


def test_a_tag_is_refused_so_that_no_type_can_be_named() -> None:
    (problem,) = problems("a: 1\nb: !!python/object/apply:os.getcwd []\n")
    assert problem.startswith("Line 2: Tags")


def test_deep_nesting_is_refused_early() -> None:
    (problem,) = problems("a: " + "[" * 100_000)
    assert "nested too deeply" in problem


def test_more_values_than_any_chain_has_are_refused() -> None:
    (problem,) = problems("a: [" + "1, " * 100_000 + "]")
    assert "more than 100000 values" in problem


def test_a_second_document_is_refused() -> None:
    assert problems("a: 1\n---\nb: 2\n") == ["Line 2: The file holds more than one document (a line with ---)."]


def test_a_key_that_is_a_list_is_refused() -> None:
    assert problems("? [a]\n: 1\n") == ["Line 1: A key must be plain text."]


def test_broken_yaml_is_told_with_its_line() -> None:
    (problem,) = problems("a: 1\nb: [1, 2\nc: 3\n")
    assert problem.startswith("Line 3: This is not YAML")


def test_a_tab_as_indentation_is_told_with_its_line() -> None:
    (problem,) = problems("a:\n\tb: 1\n")
    assert problem.startswith("Line 2: This is not YAML")


def test_a_large_file_is_refused_unread() -> None:
    assert problems("#" * (MAX_BYTES + 1)) == ["The document is larger than 1 MiB."]


@pytest.mark.parametrize("raw", [b"a: \xff\xfe", "a: \x00", "a: \ud800", b"PK\x03\x04\x00\x00"])
def test_what_is_no_text_is_refused_with_a_remedy(raw: str | bytes) -> None:
    (problem,) = problems(raw)
    assert "Save it as UTF-8" in problem


@pytest.mark.parametrize("escape", [r"\0", r"\x1b", r"\ud800", r"\x9b"])
def test_control_characters_written_as_escapes_are_refused(escape: str) -> None:
    (problem,) = problems(f'a: 1\nb: "x{escape}"\n')
    assert problem.startswith("Line 2:")


def test_a_file_saved_by_a_windows_editor_is_read() -> None:
    assert read_source("\ufeffa: 1\r\nb: São\r\n".encode()).data == {"a": 1, "b": "São"}


def test_an_empty_file_is_nothing() -> None:
    assert read_source("").data is None
