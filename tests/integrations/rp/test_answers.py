"""Bodies of any encoding, and what of an error's words may be kept (`rp.md` 4.3 and 5)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from core.errors import OutsideError, Refused, TemporarilyUnavailable
from integrations.answer import Answer
from integrations.rp.answers import accept, first_message, parse


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
