"""The second half of a double tap, which shall add nothing."""

import asyncio

from core.chat.model import Button

_AGAIN_SECONDS = 5.0


class Doubled:
    """Remembers taps for a few seconds."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}

    def __call__(self, button: Button) -> bool:
        """Tell whether the button was tapped just before."""
        now = asyncio.get_running_loop().time()
        self._seen = {key: at for key, at in self._seen.items() if now - at < _AGAIN_SECONDS}
        return now != self._seen.setdefault(button.id, now)
