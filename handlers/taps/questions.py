"""What asks for a second tap before something is done."""

from collections.abc import Sequence

from core.chat.model import Button
from core.outbox.content import Choice
from core.texts import T, Text
from handlers.talk import Talk
from handlers.taps.doubled import Doubled

_CONFIRM = T("Please confirm it below.")


class Questions:
    """Asks each person once, however often they tap meanwhile."""

    def __init__(self) -> None:
        self._doubled = Doubled()

    def ask(self, talk: Talk, button: Button, question: Text, lines: Sequence[Text], choice: Choice) -> Text:
        """Put a question below, with the choice that does it. Returns what answers the tap."""
        if not self._doubled(button, choice.telegram_id):
            talk.say(*lines, title=question, choices=[[choice]])
        return _CONFIRM
