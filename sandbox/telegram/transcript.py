"""A chat as plain text, for terminals and failure messages."""

from sandbox.telegram.keyboards import buttons_of
from sandbox.telegram.model import Chat, Message


def render_chat(chat: Chat) -> str:
    """Render the messages that are still there, oldest first, with rows of [buttons]."""
    return "\n".join(render_message(one) for one in chat.messages.values() if not one.deleted)


def render_message(message: Message) -> str:
    head = f"{message.sender.first_name}: " if not message.service else "* "
    lines = [line for line in (_attachment(message), message.text, _service(message)) if line]
    body = "\n".join(lines).replace("\n", "\n" + " " * len(head))
    mark = " (edited)" if message.edits else ""
    rows = [" ".join(f"[{button.text}]" for button in row) for row in buttons_of(message.markup)]
    indented = [" " * len(head) + row for row in rows]
    return "\n".join([f"{head}{body}{mark}", *indented])


def _attachment(message: Message) -> str:
    if message.photo:
        return f"<photo {message.photo.width}x{message.photo.height}>"
    if message.document:
        return f"<file {message.document.name}, {len(message.document.data)} bytes>"
    return ""


def _service(message: Message) -> str:
    return ", ".join(f"{name}: {value}" for name, value in message.service.items())
