import pytest

from sandbox.telegram.entities import Formatted, check_entities, trim, utf16_length
from sandbox.telegram.errors import ApiError
from sandbox.telegram.html_parse import parse_html
from sandbox.telegram.html_render import render_html


@pytest.mark.parametrize(
    ("html", "detail"),
    [
        ("<br>", 'Unsupported start tag "br" at byte offset 0'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("é <b", "Unclosed start tag at byte offset 3"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ('<a href="x>y</a>', "Unclosed start tag at byte offset 0"),
        ("<a href=x/>y</a>", "Unexpected end of name token at byte offset 8"),
        ('<a ="x">y</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ('<tg-emoji emoji-id="x">y</tg-emoji>', "Invalid custom emoji identifier specified"),
    ],
)
def test_broken_html_is_refused_in_the_words_of_telegram(html: str, detail: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_html(html)
    assert caught.value.description == f"Bad Request: can't parse entities: {detail}"
    assert caught.value.kind == "unparsable_entities"


@pytest.mark.parametrize(
    "html",
    [
        "<b>a<i>b</i></b><u>c</u>",
        '<a href="https://example.org/?a=1&amp;b=2">🙂 link</a>',
        '<pre><code class="language-python">x &lt; 1</code></pre>',
        "<blockquote expandable>long</blockquote>",
        "<s>a</s> <tg-spoiler>b</tg-spoiler> <code>c</code>",
        '<a href="tg://user?id=1001">Ana</a>',
    ],
)
def test_what_was_parsed_is_rendered_back_the_same(html: str) -> None:
    formatted = parse_html(html)
    assert render_html(formatted.text, formatted.entities) == html


def test_references_are_decoded_once_and_unknown_ones_stay() -> None:
    assert parse_html("&lt;b&gt; &amp;lt; &nbsp; &#128578; &#x41;").text == "<b> &lt; &nbsp; 🙂 A"


def test_offsets_count_utf16_units() -> None:
    formatted = parse_html("🙂<b>é🙂</b>")
    assert formatted.entities == [{"type": "bold", "offset": 2, "length": 3}]
    assert utf16_length(formatted.text) == 5


def test_a_link_to_a_host_without_a_dot_becomes_plain_text() -> None:
    assert parse_html('<a href="http://localhost/x">here</a>') == Formatted("here", [])


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ({"type": "bold", "offset": 0, "length": 6}, "ends after the end of the text"),
        ({"type": "bold", "offset": 1, "length": 1}, "begins in a middle of a UTF-16 symbol"),
        ({"type": "bold", "offset": 0, "length": 1}, "ends in a middle of a UTF-16 symbol"),
        ({"type": "bold", "offset": -1, "length": 2}, "offset must be non-negative"),
        ({"type": "bold", "offset": 0, "length": 0}, "length positive"),
        ({"type": "shiny", "offset": 0, "length": 2}, "unsupported type"),
        ({"type": "text_link", "offset": 0, "length": 2, "url": "localhost"}, "Wrong HTTP URL"),
        ({"type": "bold", "offset": "0", "length": 2}, "must be of type Number"),
    ],
)
def test_entities_that_do_not_fit_their_text_are_refused(entity: dict[str, object], words: str) -> None:
    with pytest.raises(ApiError, match=words):
        check_entities("🙂 ok", [entity])


def test_blanks_at_the_ends_go_and_entities_follow() -> None:
    entities = [{"type": "bold", "offset": 2, "length": 3}]
    assert trim(Formatted(" \nab \n", entities)) == Formatted("ab", [{"type": "bold", "offset": 0, "length": 2}])
