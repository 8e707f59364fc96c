"""Parameter names the Bot API knows, for every method this server answers."""

_TARGET = {"business_connection_id", "chat_id", "message_id", "inline_message_id", "reply_markup"}
_SEND = {
    "chat_id", "business_connection_id", "message_thread_id", "direct_messages_topic_id", "parse_mode",
    "disable_notification", "protect_content", "allow_paid_broadcast", "message_effect_id",
    "suggested_post_parameters", "reply_parameters", "reply_markup", "ephemeral_message_parameters",
    "receiver_user_id", "callback_query_id", "allow_sending_without_reply", "reply_to_message_id",
}  # fmt: skip
_EPHEMERAL = {"ephemeral_message_parameters", "receiver_user_id", "callback_query_id"}
_REPLY = {"reply_parameters", "allow_sending_without_reply", "reply_to_message_id"}
_FROM = {"from_chat_id", "message_id", "video_start_timestamp"}
_CAPTION = {"caption", "caption_entities"}
_TOPIC = {"chat_id", "message_thread_id"}
_SCOPE = {"scope", "language_code"}

KNOWN: dict[str, set[str]] = {
    "getMe": set(),
    "logOut": set(),
    "close": set(),
    "getUpdates": {"offset", "limit", "timeout", "allowed_updates"},
    "setWebhook": {
        "url", "certificate", "ip_address", "max_connections", "allowed_updates", "drop_pending_updates",
        "secret_token",
    },
    "deleteWebhook": {"drop_pending_updates"},
    "getWebhookInfo": set(),
    "sendMessage": _SEND | {"text", "entities", "link_preview_options", "disable_web_page_preview"},
    "sendDocument": _SEND | _CAPTION | {"document", "thumbnail", "disable_content_type_detection"},
    "sendPhoto": _SEND | _CAPTION | {"photo", "show_caption_above_media", "has_spoiler"},
    "sendMediaGroup": (_SEND | {"media"}) - _EPHEMERAL - {"reply_markup", "parse_mode", "suggested_post_parameters"},
    "forwardMessage": (_SEND | _FROM) - _EPHEMERAL - _REPLY - {"business_connection_id", "allow_paid_broadcast"}
    - {"reply_markup", "parse_mode"},
    "copyMessage": (_SEND | _CAPTION | _FROM | {"show_caption_above_media"})
    - _EPHEMERAL
    - {"business_connection_id"},
    "editMessageMedia": _TARGET | {"media"},
    "pinChatMessage": {"business_connection_id", "chat_id", "message_id", "disable_notification"},
    "unpinChatMessage": {"business_connection_id", "chat_id", "message_id"},
    "unpinAllChatMessages": {"chat_id"},
    "createForumTopic": {"chat_id", "name", "icon_color", "icon_custom_emoji_id"},
    "editForumTopic": _TOPIC | {"name", "icon_custom_emoji_id"},
    "closeForumTopic": _TOPIC,
    "reopenForumTopic": _TOPIC,
    "deleteForumTopic": _TOPIC,
    "editMessageText": _TARGET
    | {"text", "parse_mode", "entities", "link_preview_options", "rich_message", "disable_web_page_preview"},
    "editMessageCaption": _TARGET | _CAPTION | {"parse_mode", "show_caption_above_media"},
    "editMessageReplyMarkup": _TARGET,
    "deleteMessage": {"chat_id", "message_id"},
    "deleteMessages": {"chat_id", "message_ids"},
    "answerCallbackQuery": {"callback_query_id", "text", "show_alert", "url", "cache_time"},
    "answerInlineQuery": {
        "inline_query_id", "results", "cache_time", "is_personal", "next_offset", "button",
        "switch_pm_parameter", "switch_pm_text",
    },
    "getFile": {"file_id"},
    "setMyCommands": _SCOPE | {"commands"},
    "deleteMyCommands": _SCOPE,
    "getMyCommands": _SCOPE,
    "setMyName": {"name", "language_code"},
    "setMyDescription": {"description", "language_code"},
    "setMyShortDescription": {"short_description", "language_code"},
    "getMyName": {"language_code"},
    "getMyDescription": {"language_code"},
    "getMyShortDescription": {"language_code"},
    "getChatMenuButton": {"chat_id"},
    "setChatMenuButton": {"chat_id", "menu_button"},
    "getChat": {"chat_id"},
    "getChatMember": {"chat_id", "user_id"},
    "getChatAdministrators": {"chat_id", "return_bots"},
    "getChatMemberCount": {"chat_id"},
    "sendChatAction": {"chat_id", "action", "business_connection_id", "message_thread_id"},
    "leaveChat": {"chat_id"},
}  # fmt: skip
