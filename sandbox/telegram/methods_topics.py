"""What the bot does with the topics of a forum."""

from collections.abc import Callable
from typing import Any

from sandbox.telegram import topics
from sandbox.telegram.access import reachable_chat
from sandbox.telegram.errors import bad_request
from sandbox.telegram.model import Chat, Json
from sandbox.telegram.params import Params
from sandbox.telegram.world import World


def create_forum_topic(world: World, params: Params) -> Json:
    chat = _forum(world, params, "create a topic")
    name, colour = _name(params), params.integer("icon_color", topics.COLOURS[0])
    if colour not in topics.COLOURS:
        raise bad_request("TOPIC_ICON_COLOR_INVALID")
    thread = topics.open_topic(world, chat, name, world.bot, colour)
    return {"message_thread_id": thread, "name": name, "icon_color": colour}


def edit_forum_topic(world: World, params: Params) -> bool:
    chat = _forum(world, params, "edit the topic")
    thread, name = _thread(chat, params), _name(params)
    if chat.topics[thread] == name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topics.rename_topic(world, chat, thread, name, world.bot)
    return True


def _on_thread(act: Callable[..., None], wanted: str) -> Callable[[World, Params], bool]:
    def do(world: World, params: Params) -> bool:
        chat = _forum(world, params, wanted)
        act(world, chat, _thread(chat, params), world.bot)
        return True

    return do


def delete_forum_topic(world: World, params: Params) -> bool:
    chat = _forum(world, params, "delete the topic")
    topics.delete_topic(world, chat, _thread(chat, params))
    return True


def _forum(world: World, params: Params, wanted: str) -> Chat:
    chat = reachable_chat(world, params)
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    if chat.bot_status != "administrator":
        raise bad_request(f"not enough rights to {wanted}")
    return chat


def _name(params: Params) -> str:
    name = params.text("name").strip()
    if not name:
        raise bad_request("TOPIC_TITLE_EMPTY")
    if len(name) > topics.MAX_TOPIC_NAME:
        raise bad_request("topic name is too long")
    return name


def _thread(chat: Chat, params: Params) -> int:
    thread = params.integer("message_thread_id")
    if thread not in chat.topics:
        raise bad_request("message thread not found", blame=thread not in chat.lost_topics)
    return thread


METHODS: dict[str, Any] = {
    "createForumTopic": create_forum_topic,
    "editForumTopic": edit_forum_topic,
    "closeForumTopic": _on_thread(topics.close_topic, "close the topic"),
    "reopenForumTopic": _on_thread(topics.reopen_topic, "reopen the topic"),
    "deleteForumTopic": delete_forum_topic,
}
