"""Which chat a Telegram channel writes to."""

from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from core.configuration.fields import FieldProblem
from core.texts import T
from integrations.contract import SettingsModel


def _no_truth(value: object) -> object:
    """Refuse `yes` and `true`, which would pass for the number 1."""
    if isinstance(value, bool):
        raise FieldProblem(T("give a number."))
    return value


def _no_name(value: object) -> object:
    """Refuse what only Telegram could look up: nothing is ever sent to a name."""
    if isinstance(value, str) and value.startswith("@"):
        raise FieldProblem(T("give the number of the chat. In the chat with the bot, /channels finds it by its name."))
    return value


class TelegramSettings(SettingsModel):
    """Chat and topic. The bot itself is the hub's, so there is no token here."""

    chat_id: Annotated[int, BeforeValidator(_no_truth), BeforeValidator(_no_name)] = Field(
        title="Chat",
        description="Number of the chat; groups are negative. In the chat with the bot its @name is enough.",
        examples=[-1001234567890],
        json_schema_extra={"kind": "chat"},
    )
    thread_id: Annotated[int | None, BeforeValidator(_no_truth)] = Field(
        default=None,
        ge=1,
        title="Topic",
        description="Number of the topic in a group with topics; empty for the group itself.",
        examples=[None, 42],
        json_schema_extra={"kind": "topic"},
    )

    @field_validator("chat_id")
    @classmethod
    def _not_zero(cls, value: int) -> int:
        if value == 0:
            raise FieldProblem(T("no chat has the number 0."))
        return value
