"""What each answer means: for an upload, for a read (`protocols/crescevendas.md` 2.3 and 5)."""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import (
    CredentialsRefused,
    OutcomeUnknown,
    OutsideError,
    Refused,
    TemporarilyUnavailable,
    UnreadableAnswer,
)
from core.redact import Redactor
from integrations.crescevendas.answers import Judge, parse
from integrations.crescevendas.complaints import find_complaint, words_of
from integrations.http import Answer

JUDGE = Judge("platform.test", Redactor(["invented-token"]))


def answer(status: int, body: Any, retry_after: float | None = None) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {}, raw, timedelta(), retry_after)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        {"message": "ok"},
        {"response": {"code": 200, "id": 501}},
        {"response": {"code": "200"}},
        {"response": {"code": 201}},
        {"response": {"code": 200, "errors": [], "error": None}},
        {"success": True, "errors": {}},
        {"status": "ok"},
        {"status": "active", "code": "ABC", "discount_store_lines": []},
        {"code": 450, "discount_store_lines": []},
    ],
)
def test_a_clear_yes_is_accepted(status: int, body: Any) -> None:
    JUDGE.accept_upload(answer(status, body))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"response": {"code": 422, "errors": ["x"]}}, Refused),
        ({"response": {"code": 422}}, Refused),
        ({"response": {"code": "422"}}, Refused),
        ({"response": {"code": 401, "error": "Não autorizado"}}, CredentialsRefused),
        ({"response": {"code": 302}}, CredentialsRefused),
        ({"response": {"code": 429}}, TemporarilyUnavailable),
        ({"response": {"code": 500}}, OutcomeUnknown),
        ({"response": {"code": 408}}, OutcomeUnknown),
        ({"response": {"code": 0}}, OutcomeUnknown),
        ({"response": {"code": "boom"}}, OutcomeUnknown),
        ({"response": {"code": True}}, OutcomeUnknown),
        ({"status": 500, "error": "Internal Server Error"}, OutcomeUnknown),
        ({"code": 403, "message": "x"}, CredentialsRefused),
        ({"error": "x"}, Refused),
        ({"errors": {"start_date": ["x"]}}, Refused),
        ({"response": {"data": {"errors": ["x"]}}}, Refused),
        ({"success": False}, Refused),
        ({"success": False, "response": {"code": 401}}, CredentialsRefused),
        ({"data": {"success": "false"}}, Refused),
        ({"status": "ERROR"}, Refused),
        ({"start_date": ["não pode estar no passado"]}, Refused),
        (b"<html>", OutcomeUnknown),
        (b"OK", OutcomeUnknown),
        (b'{"response": {"code": 2', OutcomeUnknown),
        (b"[" * 100_000, OutcomeUnknown),
        (b'{"id": NaN}', OutcomeUnknown),
    ],
)
def test_a_no_inside_two_hundred_is_never_a_yes(body: Any, error: type[OutsideError]) -> None:
    with pytest.raises(OutsideError) as caught:
        JUDGE.accept_upload(answer(200, body))
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("status", "sending", "reading"),
    [
        (203, OutcomeUnknown, UnreadableAnswer),
        (206, OutcomeUnknown, UnreadableAnswer),
        (301, CredentialsRefused, CredentialsRefused),
        (302, CredentialsRefused, CredentialsRefused),
        (400, Refused, Refused),
        (401, CredentialsRefused, CredentialsRefused),
        (403, CredentialsRefused, CredentialsRefused),
        (404, Refused, Refused),
        (408, OutcomeUnknown, TemporarilyUnavailable),
        (409, Refused, Refused),
        (413, Refused, Refused),
        (422, Refused, Refused),
        (429, TemporarilyUnavailable, TemporarilyUnavailable),
        (500, OutcomeUnknown, TemporarilyUnavailable),
        (502, OutcomeUnknown, TemporarilyUnavailable),
        (599, OutcomeUnknown, TemporarilyUnavailable),
        (999, OutcomeUnknown, UnreadableAnswer),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html></html>", {"message": "x"}, {"response": {"code": 200}}])
def test_each_status_has_its_error_whatever_the_body(
    status: int, sending: type[OutsideError], reading: type[OutsideError], body: Any
) -> None:
    for ask, error in ((JUDGE.accept_upload, sending), (JUDGE.read, reading)):
        with pytest.raises(OutsideError) as caught:
            ask(answer(status, body))
        assert type(caught.value) is error


@pytest.mark.parametrize("status", [201, 202, 204])
@pytest.mark.parametrize("body", [b"", {"response": {"discounts": []}}])
def test_what_was_merely_accepted_tells_nothing_of_what_is_live(status: int, body: Any) -> None:
    with pytest.raises(UnreadableAnswer):
        JUDGE.read(answer(status, body))


@pytest.mark.parametrize("status", [500, 503])
def test_a_fault_stays_unknown_even_if_the_body_says_refused(status: int) -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        JUDGE.accept_upload(answer(status, {"response": {"code": 422, "error": "x"}}, retry_after=30))
    assert caught.value.retry_after == 30


def test_a_vague_status_leaves_the_word_to_the_inner_code() -> None:
    with pytest.raises(CredentialsRefused):
        JUDGE.accept_upload(answer(422, {"response": {"code": 401, "error": "Não autorizado"}}))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"error": "Não autorizado"}, ["Não autorizado"]),
        ({"error": ["a", "b"]}, ["a", "b"]),
        ({"error": {"message": "a"}}, ["a"]),
        (
            {"response": {"errors": [{"message": "Loja não encontrada", "field": "store"}]}},
            ["store: Loja não encontrada"],
        ),
        ({"errors": ["a", {"message": "b"}, ["c"]]}, ["a", "b", "c"]),
        ({"errors": {"start_date": ["x", "y"], "base": ["z"]}}, ["start_date: x", "start_date: y", "z"]),
        ({"errors": {"full_messages": ["x"]}}, ["x"]),
        ({"start_date": ["x"]}, ["start_date: x"]),
        ({"success": False, "message": "a"}, ["a"]),
        ({"message": "a"}, ["a"]),
        ({"errors": [{"line": 3}]}, []),
        ([], []),
        (None, []),
    ],
)
def test_the_words_of_a_refusal_are_found_in_every_form(document: Any, words: list[str]) -> None:
    assert list(words_of(document)) == words


def test_a_message_of_a_megabyte_is_cut_before_it_is_searched_for_secrets() -> None:
    with pytest.raises(Refused) as caught:
        JUDGE.accept_upload(answer(422, {"errors": ["a" * 2**20]}))
    assert len(str(caught.value)) < 250


def test_codes_of_lines_are_not_taken_for_errors() -> None:
    document = {"response": {"discounts": [{"code": 422, "price": 1, "final_price": 1}]}}
    assert find_complaint(document) is None


def test_numbers_are_read_from_their_text_and_never_through_a_float() -> None:
    assert str(parse(b"[15.990000000000002]")[0]) == "15.990000000000002"
    assert parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
    assert parse('{"a": "ç"}'.encode("latin-1")) == {"a": "ç"}


@given(st.binary() | st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_no_answer_at_all_crashes_the_judge(body: bytes | str) -> None:
    raw = body.encode() if isinstance(body, str) else body
    for status in (200, 422, 500):
        for ask in (JUDGE.accept_upload, JUDGE.read):
            with suppress(OutsideError):
                ask(answer(status, raw))
