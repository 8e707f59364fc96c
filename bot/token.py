"""Is the bot token any good? Asked before the first write, without loading the chat library."""

import json
from enum import Enum

from bot.environment import Environment
from core.errors import ChimeraError
from integrations.http import HttpClient, HttpPolicy

_SECONDS = 3.0
_REFUSED = (401, 404)


class TokenState(Enum):
    """What Telegram says of a token; UNKNOWN is *no network*, which is not *bad token*."""

    GOOD = "good"
    REFUSED = "refused"
    UNKNOWN = "unknown"


async def check_token(environment: Environment) -> tuple[TokenState, str]:
    """Ask once who the bot is. Returns the state and the bot's name (empty unless good)."""
    token = environment.token()
    policy = HttpPolicy(connect_timeout=_SECONDS, read_timeout=_SECONDS, attempts=1, secrets=(token,))
    client = HttpClient(environment.telegram_api, policy)
    try:
        answer = await client.get(f"/bot{token}/getMe")
    except ChimeraError:
        return TokenState.UNKNOWN, ""
    finally:
        await client.close()
    if answer.status in _REFUSED:
        return TokenState.REFUSED, ""
    try:
        found = json.loads(answer.body)
        return TokenState.GOOD, str(found["result"]["username"])
    except (ValueError, KeyError, TypeError):
        return TokenState.UNKNOWN, ""
