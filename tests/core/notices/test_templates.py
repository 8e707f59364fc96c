"""Own words: only known placeholders, replaced once, by plain text (`rules.md` 7.2)."""

import pytest

from core.configuration.fields import FieldProblem
from core.executions.states import Event
from core.notices.templates import LONGEST, PLACEHOLDERS, check_template, fill, known_in


def problem(text: str, event: Event = Event.SUCCESS) -> str:
    with pytest.raises(FieldProblem) as caught:
        check_template(event, text)
    return str(caught.value.text)


@pytest.mark.parametrize(
    "text", ["{token}", "{job.name}", "{job!r}", "{job:>99999999}", "{}", "{ job }", "{0}", "{JOB}"]
)
def test_an_unknown_placeholder_is_named_together_with_those_there_are(text: str) -> None:
    said = problem(f"Good: {text}")
    assert f"no placeholder {text} here" in said
    assert "{job}, {result}" in said


@pytest.mark.parametrize("text", ["{job", "job}", "{job}}", "{{job}", "{job\n}", "{a{job}b}"])
def test_a_brace_without_partner_is_shown_with_what_stands_around_it(text: str) -> None:
    assert "has no partner" in problem(text)


@pytest.mark.parametrize("blanks", ["", "   ", "\n \t\n", "\u00a0"])
def test_blanks_alone_mean_the_standard_text(blanks: str) -> None:
    assert check_template(Event.SUCCESS, blanks) is None


def test_what_an_event_cannot_know_is_not_among_its_placeholders() -> None:
    assert "no placeholder {verified} here" in problem("{verified}", Event.NEEDS_CREDENTIALS)
    assert "no placeholder {details} here" in problem("{details}", Event.START)
    assert all(set(known_in(event)) <= set(PLACEHOLDERS) for event in Event)


def test_it_has_a_limit_and_no_control_characters() -> None:
    assert check_template(Event.SUCCESS, "x" * LONGEST) == "x" * LONGEST
    assert str(LONGEST) in problem("x" * (LONGEST + 1))
    assert "plain text" in problem("right \u202e to left")
    assert "plain text" in problem("a\x00b")
    assert check_template(Event.SUCCESS, "one  \r\n\ttwo") == "one\n two"


def test_values_are_put_in_once_and_never_read_again() -> None:
    values = {"job": "{result} {token} {{", "result": "<b>{job}</b>"}
    assert fill("{job} | {result} | {{job}}", values.__getitem__) == "{result} {token} {{ | <b>{job}</b> | {job}"
