"""A person picks an inline result: a message of theirs appears, sent via the bot."""

from typing import Any
from uuid import uuid4

from sandbox.telegram.errors import SandboxError
from sandbox.telegram.keeping import forget_oldest
from sandbox.telegram.methods_inline import RESULT_FILES, caption_of, content_of
from sandbox.telegram.model import Chat, Json, Message, Query
from sandbox.telegram.world import World


def pick(world: World, query: Query, result_id: str, chat: Chat, thread_id: int | None) -> Message:
    """Send what the result stands for, and tell the bot which one was chosen."""
    results = query.answered.result().results if query.answered.done() else []
    found = next((one for one in results if str(one["id"]) == result_id), None)
    if found is None:
        raise SandboxError(f"There is no result {result_id!r} to pick")
    keyboard = found.get("reply_markup")
    message = world.post(
        chat,
        query.person,
        **_content(world, found),
        markup=keyboard,
        thread_id=thread_id,
        via_bot=world.bot,
        inline_id=f"I{uuid4().hex}" if keyboard else None,
    )
    if message.inline_id:
        world.inline_messages[message.inline_id] = message
        forget_oldest(world.inline_messages, world.keep.messages)
    world.tell_bot(message)
    _tell_choice(world, query, result_id, message)
    return message


def _content(world: World, found: Json) -> dict[str, Any]:
    content = found.get("input_message_content")
    files = {}
    if content is None:
        files = {str(found["type"]): world.files[str(found[RESULT_FILES[found["type"]]])]}
    body = caption_of(world, found) if content is None else content_of(world, content)
    return {"text": body.text, "entities": body.entities, **files}


def _tell_choice(world: World, query: Query, result_id: str, message: Message) -> None:
    choice: Json = {"result_id": result_id, "from": query.person.as_json(), "query": query.text}
    if message.inline_id:
        choice["inline_message_id"] = message.inline_id
    world.updates.put("chosen_inline_result", choice)
