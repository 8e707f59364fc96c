"""Answers to taps and to inline queries."""

from typing import Any

from sandbox.telegram.entities import utf16_length
from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.model import Answer, Query
from sandbox.telegram.params import Params
from sandbox.telegram.world import World

VALID_SECONDS = 15
OVERDUE_SECONDS = 10
MAX_ALERT = 200
MAX_RESULTS = 50
MAX_RESULT_ID_BYTES = 64


def answer_callback_query(world: World, params: Params) -> bool:
    query = _open_query(world, params.text("callback_query_id"))
    text = params.text("text")
    if utf16_length(text) > MAX_ALERT:
        raise bad_request("MESSAGE_TOO_LONG")
    after = world.clock() - query.at
    answer = Answer(after, text, params.boolean("show_alert"), params.text("url"))
    query.answered.set_result(answer)
    return True


def answer_inline_query(world: World, params: Params) -> bool:
    query = _open_query(world, params.text("inline_query_id"))
    results = params.structure("results")
    if not isinstance(results, list) or not all(isinstance(one, dict) for one in results):
        raise bad_request("can't parse inline query results JSON object")
    if len(results) > MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    ids = [str(one.get("id", "")) for one in results]
    if len(set(ids)) < len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")
    if not all(1 <= len(one.encode()) <= MAX_RESULT_ID_BYTES for one in ids):
        raise bad_request("RESULT_ID_INVALID")
    query.answered.set_result(Answer(world.clock() - query.at, results=results))
    return True


def overdue_queries(world: World) -> list[Query]:
    """List taps the bot received but did not answer within 10 s of receiving them."""
    return [one for one in world.queries.values() if one.message is not None and _is_overdue(world, one)]


def _is_overdue(world: World, query: Query) -> bool:
    if query.update.delivered is None:
        return False
    answered = query.at + query.answered.result().after if query.answered.done() else world.clock()
    return answered - query.update.delivered > OVERDUE_SECONDS


def _open_query(world: World, query_id: str) -> Query:
    query = world.queries.get(query_id)
    if query is None or query.answered.done():
        raise _too_old(blame=True)
    if world.clock() - query.at > VALID_SECONDS:
        raise _too_old(blame=_is_overdue(world, query))
    return query


def _too_old(*, blame: bool) -> ApiError:
    return bad_request(
        "query is too old and response timeout expired or query ID is invalid", kind="late_answer", blame=blame
    )


METHODS: dict[str, Any] = {
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
}
