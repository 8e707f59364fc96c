"""Lists of commands per scope and language, and which one a person sees where."""

import re
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.model import Chat, Json, User
from sandbox.telegram.params import Params
from sandbox.telegram.world import World

MAX_COMMANDS = 100
MAX_COMMAND_DESCRIPTION = 256

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_PLAIN_SCOPES = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
_CHAT_SCOPES = {"chat", "chat_administrators", "chat_member"}


def set_my_commands(world: World, params: Params) -> bool:
    commands = params.structure("commands")
    if not isinstance(commands, list) or not all(isinstance(one, dict) for one in commands):
        raise bad_request("can't parse commands JSON object")
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for one in commands:
        _check_command(one)
    world.commands[_command_key(world, params)] = commands
    world.feed.announce("commands")
    return True


def _check_command(command: Json) -> None:
    if not _COMMAND.fullmatch(str(command.get("command", "")).removeprefix("/")):
        raise bad_request("BOT_COMMAND_INVALID")
    description = str(command.get("description", "")).strip()
    if not description:
        raise bad_request("command description must be non-empty")
    if len(description) > MAX_COMMAND_DESCRIPTION:
        raise bad_request(f"command description length must not exceed {MAX_COMMAND_DESCRIPTION}")


def delete_my_commands(world: World, params: Params) -> bool:
    world.commands.pop(_command_key(world, params), None)
    world.feed.announce("commands")
    return True


def get_my_commands(world: World, params: Params) -> list[Json]:
    return world.commands.get(_command_key(world, params), [])


def _command_key(world: World, params: Params) -> tuple[str, str]:
    """Name a command list by scope and language, as in ("chat:-1001", "pt")."""
    scope = params.structure("scope") or {"type": "default"}
    kind = scope.get("type") if isinstance(scope, dict) else None
    language = params.text("language_code")
    if language and not _LANGUAGE.fullmatch(language):
        raise bad_request("LANG_CODE_INVALID")
    if kind in _PLAIN_SCOPES:
        return str(kind), language
    if kind not in _CHAT_SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    chat = world.chat(str(scope.get("chat_id", "")))
    user = f":{scope.get('user_id')}" if kind == "chat_member" else ""
    return f"{kind}:{chat.id}{user}", language


def commands_for(world: World, chat: Chat, user: User) -> list[Json]:
    """Return the list a person sees in a chat: the narrowest scope that has one, own language first."""
    language = user.language.split("-")[0]
    for scope in _scopes(chat, user):
        for key in ((scope, language), (scope, "")):
            if world.commands.get(key):
                return world.commands[key]
    return []


def _scopes(chat: Chat, user: User) -> list[str]:
    if chat.is_private:
        return [f"chat:{chat.id}", "all_private_chats", "default"]
    admin = user.id in chat.admins
    return [
        f"chat_member:{chat.id}:{user.id}",
        *([f"chat_administrators:{chat.id}"] if admin else []),
        f"chat:{chat.id}",
        *(["all_chat_administrators"] if admin else []),
        "all_group_chats",
        "default",
    ]


METHODS: dict[str, Any] = {
    "setMyCommands": set_my_commands,
    "deleteMyCommands": delete_my_commands,
    "getMyCommands": get_my_commands,
}
