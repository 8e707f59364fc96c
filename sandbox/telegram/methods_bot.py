"""What the bot asks and sets about itself: getMe, updates, profile, files."""

from collections.abc import Callable
from typing import Any

from sandbox.telegram.errors import bad_request, conflict
from sandbox.telegram.model import Json
from sandbox.telegram.params import Params
from sandbox.telegram.updates import BY_DEFAULT, KINDS
from sandbox.telegram.world import World

MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
MENU_BUTTONS = ("default", "commands", "web_app")
PROFILE_LIMITS = {"name": 64, "description": 512, "short_description": 120}


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
    if world.deliverer.webhook.url:
        raise conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    choose_kinds(world, params)
    offset, limit = params.integer("offset"), params.integer("limit", 100)
    updates = await world.updates.take(offset, limit, params.integer("timeout"), is_connected)
    return [one.as_json() for one in updates]


def choose_kinds(world: World, params: Params) -> None:
    """Remember `allowed_updates`; left out they stay as they were."""
    kinds = params.structure("allowed_updates")
    if kinds is None:
        return
    if not isinstance(kinds, list):
        raise bad_request("can't parse allowed updates JSON object")
    if unknown := sorted(set(map(str, kinds)) - KINDS):
        world.violate("unknown_update_kind", "getUpdates", ", ".join(unknown))
    world.updates.allowed = frozenset(map(str, kinds)) & KINDS or BY_DEFAULT


def _profile_setter(field: str) -> Any:
    def set_field(world: World, params: Params) -> bool:
        text = params.text(field)
        if len(text) > PROFILE_LIMITS[field]:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        world.profile[field, params.text("language_code")] = text
        return True

    return set_field


def _profile_getter(field: str) -> Any:
    def get_field(world: World, params: Params) -> Json:
        usual = world.bot.first_name if field == "name" else ""
        language = params.text("language_code")
        text = world.profile.get((field, language)) or world.profile.get((field, "")) or usual
        return {field: text}

    return get_field


def set_chat_menu_button(world: World, params: Params) -> bool:
    button = params.structure("menu_button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in MENU_BUTTONS:
        raise bad_request("can't parse menu button: unsupported type specified")
    if button["type"] == "web_app" and not str((button.get("web_app") or {}).get("url", "")).startswith("https://"):
        raise bad_request("menu button Web App URL is invalid: Only HTTPS links are allowed")
    world.profile["menu_button", _menu_key(world, params)] = button
    return True


def get_chat_menu_button(world: World, params: Params) -> Json:
    usual = world.profile.get(("menu_button", "default"), {"type": "commands"})
    button: Json = world.profile.get(("menu_button", _menu_key(world, params)), usual)
    return button


def _menu_key(world: World, params: Params) -> str:
    return str(world.chat(params.text("chat_id")).id) if params.has("chat_id") else "default"


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
    "setMyName": _profile_setter("name"),
    "setMyDescription": _profile_setter("description"),
    "setMyShortDescription": _profile_setter("short_description"),
    "getMyName": _profile_getter("name"),
    "getMyDescription": _profile_getter("description"),
    "getMyShortDescription": _profile_getter("short_description"),
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
    "getFile": get_file,
    "logOut": _accept,
    "close": _accept,
}
