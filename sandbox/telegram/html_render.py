"""Back from entities to HTML, for browser pages and for tests that look at formatting."""

from html import escape

from sandbox.telegram.entities import Entity, sort_entities, utf16_length, utf16_slice

_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "blockquote": "blockquote",
    "code": "code",
    "pre": "pre",
}


def render_html(text: str, entities: list[Entity]) -> str:
    """HTML of a text with nested entities; kinds found by the server itself stay plain."""
    marked = [one for one in sort_entities(entities) if _tags(one)[0]]
    edges = sorted({0, utf16_length(text)} | {edge for one in marked for edge in _span(one)})
    parts: list[str] = []
    opened: list[Entity] = []
    for start, end in zip(edges, [*edges[1:], edges[-1]], strict=True):
        while opened and _span(opened[-1])[1] <= start:
            parts.append(_tags(opened.pop())[1])
        for one in marked:
            if one["offset"] == start:
                opened.append(one)
                parts.append(_tags(one)[0])
        parts.append(escape(utf16_slice(text, start, end - start), quote=False))
    return "".join(parts)


def _span(one: Entity) -> tuple[int, int]:
    return one["offset"], one["offset"] + one["length"]


def _tags(one: Entity) -> tuple[str, str]:
    kind = one["type"]
    if kind == "text_link":
        return f'<a href="{escape(one["url"])}">', "</a>"
    if kind == "text_mention":
        return f'<a href="tg://user?id={one["user"]["id"]}">', "</a>"
    if kind == "custom_emoji":
        return f'<tg-emoji emoji-id="{one["custom_emoji_id"]}">', "</tg-emoji>"
    if kind == "expandable_blockquote":
        return "<blockquote expandable>", "</blockquote>"
    if kind == "pre" and one.get("language"):
        return f'<pre><code class="language-{escape(one["language"])}">', "</code></pre>"
    tag = _TAGS.get(kind)
    return (f"<{tag}>", f"</{tag}>") if tag else ("", "")
