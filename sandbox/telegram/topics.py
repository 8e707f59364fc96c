"""Topics of a forum: opened, renamed, closed and deleted, by people and by the bot."""

from sandbox.telegram.errors import bad_request
from sandbox.telegram.model import Chat, User
from sandbox.telegram.world import World

MAX_TOPIC_NAME = 128
COLOURS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)


def open_topic(world: World, chat: Chat, name: str, by: User, colour: int = COLOURS[0]) -> int:
    """Open a topic and return its thread id, which is the id of the service message."""
    service = {"forum_topic_created": {"name": name, "icon_color": colour}}
    message = world.post(chat, by, thread_id=world.next_message_id(chat), service=service)
    chat.topics[message.id] = name
    world.tell_bot(message)
    return message.id


def rename_topic(world: World, chat: Chat, thread_id: int, name: str, by: User) -> None:
    chat.topics[thread_id] = name
    _say(world, chat, thread_id, by, forum_topic_edited={"name": name})


def close_topic(world: World, chat: Chat, thread_id: int, by: User) -> None:
    if thread_id in chat.closed_topics:
        raise bad_request("TOPIC_NOT_MODIFIED")
    chat.closed_topics.add(thread_id)
    _say(world, chat, thread_id, by, forum_topic_closed={})


def reopen_topic(world: World, chat: Chat, thread_id: int, by: User) -> None:
    if thread_id not in chat.closed_topics:
        raise bad_request("TOPIC_NOT_MODIFIED")
    chat.closed_topics.remove(thread_id)
    _say(world, chat, thread_id, by, forum_topic_reopened={})


def delete_topic(world: World, chat: Chat, thread_id: int) -> None:
    """Delete a topic with all its messages; nobody tells the bot."""
    del chat.topics[thread_id]
    chat.lost_topics.add(thread_id)
    chat.closed_topics.discard(thread_id)
    for message in chat.messages.values():
        if message.thread_id == thread_id and not message.deleted:
            world.note_change(message, "deleted")


def _say(world: World, chat: Chat, thread_id: int, by: User, **service: object) -> None:
    world.tell_bot(world.post(chat, by, thread_id=thread_id, service=service))
