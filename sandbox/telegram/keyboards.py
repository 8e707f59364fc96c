"""Shapes of `reply_markup` and what Telegram says about wrong ones."""

from dataclasses import dataclass
from typing import Any

from sandbox.telegram.entities import is_url
from sandbox.telegram.errors import ApiError, bad_request

Markup = dict[str, Any]

MAX_BUTTONS = 100
MAX_REPLY_BUTTONS = 300
MAX_DATA_BYTES = 64
MAX_PLACEHOLDER = 64
STYLES = (None, "danger", "success", "primary")
ACTIONS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
)  # fmt: skip


@dataclass(frozen=True)
class Button:
    """A button a person sees; `data` is None unless a tap is told to the bot."""

    text: str
    data: str | None
    url: str | None


def buttons_of(markup: Markup | None) -> list[list[Button]]:
    rows = (markup or {}).get("inline_keyboard", [])
    return [[_button(one) for one in row] for row in rows]


def _button(raw: dict[str, Any]) -> Button:
    web_app = raw.get("web_app") or {}
    return Button(raw["text"], raw.get("callback_data"), raw.get("url") or web_app.get("url"))


def check_markup(raw: Any, *, private: bool) -> Markup | None:
    """Validate any kind of reply markup; an empty inline keyboard means none."""
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise _wrong("object expected as reply markup")
    if "inline_keyboard" in raw:
        return _check_inline(raw["inline_keyboard"], private=private)
    if "keyboard" in raw:
        _check_reply_keyboard(raw)
    elif not (raw.get("remove_keyboard") is True or raw.get("force_reply") is True or raw == {}):
        raise _wrong("can't parse reply keyboard markup JSON object")
    return raw or None


def widest_row(markup: Markup | None) -> int:
    rows = (markup or {}).get("inline_keyboard") or (markup or {}).get("keyboard") or []
    return max(map(len, rows), default=0)


def _check_reply_keyboard(raw: Markup) -> None:
    rows = _rows(raw["keyboard"], "keyboard")
    if not any(rows):
        raise _wrong("reply keyboard must be non-empty")
    if sum(map(len, rows)) > MAX_REPLY_BUTTONS:
        raise _wrong("reply markup is too long")
    for button in (one for row in rows for one in row):
        text = button.get("text") if isinstance(button, dict) else button
        if not isinstance(text, str) or not text.strip():
            raise _wrong('can\'t parse keyboard button: Field "text" must be a non-empty String')
    if len(str(raw.get("input_field_placeholder") or "")) > MAX_PLACEHOLDER:
        raise _wrong("input field placeholder is too long")


def _check_inline(rows: Any, *, private: bool) -> Markup | None:
    checked = [row for row in _rows(rows, "inline_keyboard") if row]
    if sum(map(len, checked)) > MAX_BUTTONS:
        raise _wrong("reply markup is too long")
    for row in checked:
        for button in row:
            _check_button(button, private=private)
    return {"inline_keyboard": checked} if checked else None


def _rows(rows: Any, field: str) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise _wrong(f'can\'t parse reply markup: Field "{field}" must be an Array of Arrays')
    return rows


def _check_button(button: Any, *, private: bool) -> None:
    if not isinstance(button, dict):
        raise _unparsable("expected an Object")
    if "text" not in button:
        raise _unparsable('Can\'t find field "text"')
    if not isinstance(button["text"], str) or not button["text"].strip():
        raise _unparsable('Field "text" must be a non-empty String')
    if button.get("style") not in STYLES:
        raise _unparsable("invalid button style specified")
    actions = [name for name in ACTIONS if _is_set(button, name)]
    if not actions:
        raise _unparsable("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise _unparsable("Exactly one of the optional fields must be used")
    _check_action(button, actions[0], private=private)


def _is_set(button: dict[str, Any], name: str) -> bool:
    """Count an empty inline query as an action: it only opens the input field."""
    value = button.get(name)
    return value is not None and (value != "" or name.startswith("switch_inline_query"))


def _check_action(button: dict[str, Any], action: str, *, private: bool) -> None:
    if action == "callback_data":
        data = button["callback_data"]
        if not isinstance(data, str) or len(data.encode()) > MAX_DATA_BYTES:
            raise _wrong("BUTTON_DATA_INVALID")
    elif action == "url":
        _check_url(str(button["url"]), "inline keyboard button URL")
    elif action == "web_app":
        if not private:
            raise _wrong("BUTTON_TYPE_INVALID")
        app = button["web_app"]
        url = str(app.get("url", "")) if isinstance(app, dict) else ""
        _check_https(url, "inline keyboard button Web App URL")


def _check_url(url: str, what: str) -> None:
    scheme = url.partition("://")[0].lower() if "://" in url else "http"
    if scheme not in {"http", "https", "tg", "ton"}:
        raise _wrong(f"{what} '{url}' is invalid: Unsupported URL protocol")
    if not is_url(url):
        raise _wrong(f"{what} '{url}' is invalid: Wrong HTTP URL")


def _check_https(url: str, what: str) -> None:
    _check_url(url, what)
    if not url.lower().startswith("https://"):
        raise _wrong(f"{what} '{url}' is invalid: Only HTTPS links are allowed")


def _wrong(description: str) -> ApiError:
    return bad_request(description, kind="invalid_markup")


def _unparsable(detail: str) -> ApiError:
    return _wrong(f"can't parse inline keyboard button: {detail}")
