"""What a message says before it has a chat: lines, and buttons that do not exist yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.texts import Text


@dataclass(frozen=True, slots=True)
class Choice:
    """A button to be: its label, what a tap does, and whose tap counts (None: anybody's there).

    `arguments` is JSON. The right is checked again by the use case behind the action.
    """

    label: Text
    action: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    telegram_id: int | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a message, as a document or a picture; the lines are its caption."""

    name: str
    data: bytes
    photo: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be: a heading, lines below it, rows of buttons, the message it answers, a file.

    `replaces` is a message of ours whose place it takes; when that is gone, it comes as a new one.
    """

    lines: Sequence[Text]
    title: Text | None = None
    choices: Sequence[Sequence[Choice]] = ()
    reply_to: int | None = None
    file: Attachment | None = None
    replaces: int | None = None
