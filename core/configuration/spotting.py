"""Whether a file may hold secrets, so that it should not stay in a chat."""

import re
from contextlib import suppress

from core.configuration.modules import ModuleSettings, secret_fields
from core.errors import BadInput


class SecretSpotter:
    """Knows what secrets are called in the settings of all modules."""

    def __init__(self, modules: ModuleSettings) -> None:
        names: set[str] = set()
        for name in modules.names():
            with suppress(BadInput):
                names |= secret_fields(modules.settings_model(name))
        given = rf"\b({'|'.join(map(re.escape, sorted(names)))})[\"']?\s*:\s*(?!null\b|~|[,}}#])\S"
        self._given = re.compile(given, re.IGNORECASE) if names else None

    def __call__(self, content: bytes) -> bool:
        """Tell whether a file may give a secret, readable as a document or not: rather once too often."""
        plain = content.replace(b"\x00", b"").decode("latin-1")
        lines = "\n".join(line for line in plain.splitlines() if not line.lstrip().startswith("#"))
        return self._given is not None and self._given.search(lines) is not None
