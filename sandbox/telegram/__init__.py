"""A local Telegram Bot API server, strict about what a real one would refuse."""

from sandbox.telegram.errors import SandboxError
from sandbox.telegram.faults import Fault, Faults
from sandbox.telegram.feed import Change, Subscription
from sandbox.telegram.journal import Call, Violation
from sandbox.telegram.model import Answer, Chat, Message, Query, StoredFile
from sandbox.telegram.people import Person
from sandbox.telegram.server import TelegramServer

__all__ = [
    "Answer",
    "Call",
    "Change",
    "Chat",
    "Fault",
    "Faults",
    "Message",
    "Person",
    "Query",
    "SandboxError",
    "StoredFile",
    "Subscription",
    "TelegramServer",
    "Violation",
]
