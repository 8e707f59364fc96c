"""Answers to taps: in time, and once."""

from typing import Any

from sandbox.telegram.entities import utf16_length
from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.model import Answer, Query
from sandbox.telegram.params import Params
from sandbox.telegram.world import World

VALID_SECONDS = 15
OVERDUE_SECONDS = 10
MAX_ALERT = 200


def answer_callback_query(world: World, params: Params) -> bool:
    query = open_query(world, params.text("callback_query_id"))
    text = params.text("text")
    if utf16_length(text) > MAX_ALERT:
        raise bad_request("MESSAGE_TOO_LONG")
    after = world.clock() - query.at
    answer = Answer(after, text, params.boolean("show_alert"), params.text("url"))
    query.answered.set_result(answer)
    world.feed.announce("answer", query=query.id, person=query.person.id, text=text, alert=answer.show_alert)
    return True


def overdue_queries(world: World) -> list[Query]:
    """List taps the bot received but did not answer within 10 s of receiving them."""
    return [one for one in world.queries.values() if one.update.kind == "callback_query" and _is_overdue(world, one)]


def _is_overdue(world: World, query: Query) -> bool:
    if query.update.delivered is None:
        return False
    answered = query.at + query.answered.result().after if query.answered.done() else world.clock()
    return answered - query.update.delivered > OVERDUE_SECONDS


def open_query(world: World, query_id: str) -> Query:
    """Return a query that still waits for its answer. Raises ApiError 400."""
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
}
