"""answerInlineQuery: what is offered when somebody types @bot in any chat."""

import re
from typing import Any

from sandbox.telegram.entities import Formatted, check_length
from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.keeping import forget_oldest
from sandbox.telegram.keyboards import check_markup
from sandbox.telegram.methods_queries import open_query
from sandbox.telegram.model import Answer, Json, Query
from sandbox.telegram.params import Params
from sandbox.telegram.sending import formatted, inline_only
from sandbox.telegram.world import CachedAnswer, World

MAX_RESULTS = 50
MAX_RESULT_ID_BYTES = 64
MAX_OFFSET_BYTES = 64
USUAL_CACHE_SECONDS = 300
RESULT_FILES = {"photo": "photo_file_id", "document": "document_file_id"}

_START = re.compile(r"[A-Za-z0-9_-]{1,64}")


def answer_inline_query(world: World, params: Params) -> bool:
    query = open_query(world, params.text("inline_query_id"))
    results = _checked_results(world, params.structure("results"))
    offset = params.text("next_offset")
    if len(offset.encode()) > MAX_OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    button = params.structure("button")
    if button is not None:
        _check_button(button)
    answer = Answer(world.clock() - query.at, results=results, next_offset=offset, button=button)
    _keep(world, params, query, answer)
    query.answered.set_result(answer)
    return True


def _keep(world: World, params: Params, query: Query, answer: Answer) -> None:
    """Cache as the server does: for everybody who types the same, unless the answer is personal."""
    seconds = params.integer("cache_time", USUAL_CACHE_SECONDS)
    if seconds > 0:
        whose = query.person.id if params.boolean("is_personal") else None
        world.inline_cache[whose, query.text, query.offset] = CachedAnswer(answer, world.clock() + seconds)
        forget_oldest(world.inline_cache, world.keep.notes)


def _checked_results(world: World, results: Any) -> list[Json]:
    if not isinstance(results, list) or not all(isinstance(one, dict) for one in results):
        raise bad_request("can't parse inline query results JSON object")
    if len(results) > MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    ids = [str(one.get("id", "")) for one in results]
    if len(set(ids)) < len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")
    if not all(1 <= len(one.encode()) <= MAX_RESULT_ID_BYTES for one in ids):
        raise bad_request("RESULT_ID_INVALID")
    for one in results:
        _check_result(world, one)
    return results


def _check_result(world: World, one: Json) -> None:
    kind = str(one.get("type", ""))
    inline_only(check_markup(one.get("reply_markup"), private=False))
    content = one.get("input_message_content")
    if content is not None:
        _check_content(world, content)
    if kind == "article":
        if not str(one.get("title") or "").strip():
            raise _unparsable('Can\'t find field "title"')
        if content is None:
            raise _unparsable('Can\'t find field "input_message_content"')
    elif kind in RESULT_FILES and one.get(RESULT_FILES[kind]):
        if str(one[RESULT_FILES[kind]]) not in world.files:
            raise bad_request("wrong file identifier specified")
        caption_of(world, one)
    else:
        raise _unparsable(f"type {kind!r} is unsupported by the sandbox")


def _check_content(world: World, content: Any) -> None:
    if not isinstance(content, dict) or "message_text" not in content:
        raise _unparsable('Can\'t find field "message_text"')
    content_of(world, content)


def content_of(world: World, content: Json) -> Formatted:
    """Read the text that picking a result sends. Raises ApiError 400."""
    mode = str(content.get("parse_mode") or "")
    return check_length(formatted(world, str(content["message_text"]), mode, content.get("entities")))


def caption_of(world: World, one: Json) -> Formatted:
    mode = str(one.get("parse_mode") or "")
    body = formatted(world, str(one.get("caption") or ""), mode, one.get("caption_entities"))
    return check_length(body, caption=True)


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not str(button.get("text") or "").strip():
        raise bad_request("can't parse inline query results button: text must be non-empty")
    start = button.get("start_parameter")
    if start is not None and not _START.fullmatch(str(start)):
        raise bad_request("START_PARAM_INVALID")
    if start is None and not button.get("web_app"):
        raise bad_request("can't parse inline query results button: exactly one field must be used")


def _unparsable(detail: str) -> ApiError:
    return bad_request(f"can't parse inline query result: {detail}")


METHODS: dict[str, Any] = {"answerInlineQuery": answer_inline_query}
