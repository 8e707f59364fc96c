"""Bodies of any encoding, and what of an error's words may be kept (`rp.md` 4.3 and 5)."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from core.errors import OutsideError, Refused, TemporarilyUnavailable, UnreadableAnswer
from integrations.answer import Answer
from integrations.rp.answers import ErpError, accept, first_message, items, parse


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_accents_survive_in_every_encoding_and_prices_stay_exact(encoding: str) -> None:
    body = '{"Descricao": "AÇÚCAR NÃO REFINADO", "Preco": 15.990000000000002}'.encode(encoding)
    assert parse(body) == {"Descricao": "AÇÚCAR NÃO REFINADO", "Preco": Decimal("15.990000000000002")}


@pytest.mark.parametrize(
    ("status", "error"),
    [(201, Refused), (302, Refused), (404, Refused), (500, TemporarilyUnavailable), (505, TemporarilyUnavailable)],
)
def test_an_ok_inside_a_bad_status_is_no_success(
    say: Callable[..., Answer], status: int, error: type[OutsideError]
) -> None:
    with pytest.raises(error):
        accept(say('{"response": {"status": "ok", "produtos": []}}', status))


@pytest.mark.parametrize(
    ("document", "kept"),
    [
        ({"response": {"messages": [{"message": "Falha"}, {"message": "StackTrace: a.java"}]}}, "Falha"),
        ({"response": {"messages": [{"message": "StackTrace: a.java"}, {"message": "Falha"}]}}, ""),
        ({"messages": ["Stack_Trace: a.java"]}, ""),
        ({"response": {"message": " Falha\n  at a.java"}}, "Falha"),
        ({"error": "stacktrace a.java", "stackTrace": "a.java"}, ""),
        ({"error": "Negado", "stackTrace": "a.java"}, "Negado"),
        ({"error": "x" * 500}, "x" * 160),
    ],
)
def test_of_an_error_the_first_message_is_kept_and_never_a_stack_trace(document: dict[str, Any], kept: str) -> None:
    assert first_message(document) == kept


@pytest.mark.parametrize(
    "document",
    [
        {"error": "Falha ao carregar dados", "produtos": []},
        {"response": {"error": "Falha ao carregar dados", "produtos": []}},
        {"response": {"status": "ok", "Error": {"message": "Falha"}, "produtos": []}},
        {"response": {"status": "ok", "produtos": []}, "errors": ["Falha"]},
    ],
)
def test_an_empty_list_beside_an_error_is_no_end(say: Callable[..., Answer], document: dict[str, Any]) -> None:
    with pytest.raises(ErpError):
        accept(say(json.dumps(document)))


@pytest.mark.parametrize("nothing", [None, False, "", [], {}])
def test_a_field_for_errors_that_holds_none_is_none(say: Callable[..., Answer], nothing: Any) -> None:
    assert items(accept(say(json.dumps({"response": {"status": "ok", "error": nothing, "produtos": []}})))) == []


def test_an_empty_list_beside_one_with_products_is_not_taken_for_the_list() -> None:
    with pytest.raises(UnreadableAnswer):
        items({"response": {"status": "ok", "produtos": [], "content": [{"Codigo": 1}]}})


def test_a_number_beyond_all_bounds_is_no_number_and_the_rest_is_read() -> None:
    read = parse(b'{"Preco": 1e9999999999999999999, "PrecoVenda2": 15.99}')
    assert read["Preco"].is_nan()
    assert read["PrecoVenda2"] == Decimal("15.99")
