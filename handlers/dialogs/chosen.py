"""What a list is filtered by, in words."""

from dataclasses import dataclass

from core.texts import T, Text


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen in words: on the buttons that change it, and in a line, for a button may cut it."""

    labels: dict[str, Text]
    lines: list[Text]

    @classmethod
    def of(cls, usual: dict[str, Text], chosen: dict[str, Text]) -> "Chosen":
        """Put what is chosen in the place of what a button says without it."""
        lines = [T("Only: {filters}", filters=list(chosen.values()))] if chosen else []
        return cls({**usual, **chosen}, lines)
