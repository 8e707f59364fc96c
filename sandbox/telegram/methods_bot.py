"""What the bot asks and sets about itself: getMe, webhook, command lists, profile, files."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.telegram.errors import bad_request, conflict
from sandbox.telegram.model import Json
from sandbox.telegram.params import Params
from sandbox.telegram.updates import BY_DEFAULT, KINDS
from sandbox.telegram.world import World

MAX_COMMANDS = 100
MAX_COMMAND_DESCRIPTION = 256
MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
PROFILE_LIMITS = {"name": 64, "description": 512, "short_description": 120}

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_PLAIN_SCOPES = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
_CHAT_SCOPES = {"chat", "chat_administrators", "chat_member"}


def get_me(world: World, _params: Params) -> Json:
    return {
        **world.bot.as_json(),
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def get_updates(world: World, params: Params, is_connected: Callable[[], bool]) -> list[Json]:
    """Long poll; an absent `allowed_updates` keeps the previous choice."""
    if world.webhook.get("url"):
        raise conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    _choose_kinds(world, params)
    offset, limit = params.integer("offset"), params.integer("limit", 100)
    updates = await world.updates.take(offset, limit, params.integer("timeout"), is_connected)
    return [one.as_json() for one in updates]


def _choose_kinds(world: World, params: Params) -> None:
    kinds = params.structure("allowed_updates")
    if kinds is None:
        return
    if not isinstance(kinds, list):
        raise bad_request("can't parse allowed updates JSON object")
    if unknown := sorted(set(map(str, kinds)) - KINDS):
        world.violate("unknown_update_kind", "getUpdates", ", ".join(unknown))
    world.updates.allowed = frozenset(map(str, kinds)) & KINDS or BY_DEFAULT


def set_webhook(world: World, params: Params) -> bool:
    url = params.text("url")
    if url and not url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    _choose_kinds(world, params)
    if params.boolean("drop_pending_updates"):
        world.updates.drop_all()
    world.webhook = {"url": url, "has_custom_certificate": params.upload("certificate") is not None}
    return True


def delete_webhook(world: World, params: Params) -> bool:
    if params.boolean("drop_pending_updates"):
        world.updates.drop_all()
    world.webhook = {}
    return True


def get_webhook_info(world: World, _params: Params) -> Json:
    info = {"url": "", "has_custom_certificate": False, "pending_update_count": world.updates.pending}
    if world.updates.allowed is not None:
        info["allowed_updates"] = sorted(world.updates.allowed)
    return {**info, **world.webhook}


def set_my_commands(world: World, params: Params) -> bool:
    commands = params.structure("commands")
    if not isinstance(commands, list) or not all(isinstance(one, dict) for one in commands):
        raise bad_request("can't parse commands JSON object")
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for one in commands:
        _check_command(one)
    world.commands[_command_key(world, params)] = commands
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


def _profile_setter(field: str) -> Any:
    def set_field(world: World, params: Params) -> bool:
        text = params.text(field)
        if len(text) > PROFILE_LIMITS[field]:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        world.profile[field, params.text("language_code")] = text
        return True

    return set_field


def set_chat_menu_button(world: World, params: Params) -> bool:
    chat = world.chat(params.text("chat_id")).id if params.has("chat_id") else "default"
    world.profile["menu_button", str(chat)] = params.structure("menu_button")
    return True


def get_file(world: World, params: Params) -> Json:
    file = world.files.get(params.text("file_id"))
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.data) > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big", blame=False)
    basis = {"file_id": file.file_id, "file_unique_id": file.unique_id}
    return {**basis, "file_size": len(file.data), "file_path": file.path}


def _accept(_world: World, _params: Params) -> bool:
    return True


METHODS: dict[str, Any] = {
    "getMe": get_me,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "setMyCommands": set_my_commands,
    "deleteMyCommands": delete_my_commands,
    "getMyCommands": get_my_commands,
    "setMyName": _profile_setter("name"),
    "setMyDescription": _profile_setter("description"),
    "setMyShortDescription": _profile_setter("short_description"),
    "setChatMenuButton": set_chat_menu_button,
    "getFile": get_file,
    "logOut": _accept,
    "close": _accept,
}
