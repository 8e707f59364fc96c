"""Secrets do not get into texts: registered ones in any encoding, others by key or form."""

import json
from decimal import Decimal
from urllib.parse import quote, quote_plus

import pytest
from pydantic import SecretStr

from core.redact import MASK, Redactor, is_secret_key, mask

SECRET = 'p@ss "w/rd" & é+1'
BOT = "123456789:AAH-abcdefghijklmnopqrstuvwxyz01234"


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        repr(SECRET),
        SECRET.replace("&", "&amp;").replace('"', "&quot;"),
    ],
)
def test_a_registered_secret_is_gone_however_it_is_written(written: str) -> None:
    clean = Redactor([SECRET]).text(f"GET /x?q={written}&page=1 failed")
    assert "rd" not in clean
    assert "w/" not in clean
    assert clean.startswith("GET /x?q=")


def test_the_longer_of_two_overlapping_secrets_goes_first() -> None:
    redactor = Redactor(["abcd"])
    redactor.add("abcdefgh")
    assert redactor.text("abcdefgh") == MASK


def test_a_tiny_secret_does_not_blank_ordinary_text() -> None:
    assert Redactor(["a", ""]).text("banana") == "banana"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"POST https://api.telegram.org/bot{BOT}/sendMessage", "/sendMessage"),
        (f"token is {BOT}", "token is"),
        ("https://user:hunter22@erp.example:8080/x", "erp.example:8080/x"),
        ("Authorization: Bearer abc.def-hunter22", "Authorization"),
        ("'authorization': 'Basic aHVudGVyMjI='", "authorization"),
        ("X-AdminUser-Token: hunter22", "X-AdminUser-Token"),
        ('{"senha": "hunter22", "loja": 7}', '"loja": 7'),
        ('{\\"senha\\": \\"hunter22\\", \\"loja\\": 7}', "loja"),
        ("GET /x?token=hunter22&page=2", "page=2"),
        ("api_key=hunter22, store=7", "store=7"),
        ("Set-Cookie: hunter22", "Set-Cookie"),
        ("{'password': 'hunter22'}", "password"),
        ("Authorization: Token hunter-twenty, store 7", "store 7"),
        ("sent with Bearer hunter22 to the ERP", "to the ERP"),
        ("Basic aHVudGVyMjI= was refused", "was refused"),
        ("Bearer hunter-twenty-two-abcdef", "Bearer"),
        ('Authorization: Digest username="hunter22", response="hunter22"\nstore 7', "store 7"),
        ('Authorization: Token token="hunter22"\nstore 7', "store 7"),
        ("Cookie: sid=abc; other=hunter22\nstore 7", "store 7"),
        ("PIN: 22022, store 7", "store 7"),
        ("initData=hunter22&page=2", "page=2"),
        ("mytoken=hunter22", "mytoken"),
    ],
)
def test_what_looks_like_a_secret_is_masked_and_the_rest_kept(text: str, kept: str) -> None:
    clean = Redactor().text(text)
    for secret in (BOT, BOT.split(":")[1], "hunter22", "aHVudGVyMjI", "hunter-twenty", "22022"):
        assert secret not in clean
    assert kept in clean


@pytest.mark.parametrize(
    "text",
    ["The 3 tokens were counted", "at 10:30:45, 1234567 products", "http://erp/x?a=1", "The token expired yesterday.",
     "Token inválido ou expirado", "the bot token\nTELEGRAM refused", "Basic settings, token and/or password",
     "a bearer token-based login", "secretary: Ana", "tokens_count=7", "token_type: bearer", "PIN: wrong, 2 tries left",
     "the digest says nothing"],
)  # fmt: skip
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert Redactor().text(text) == text


@pytest.mark.parametrize(
    "key",
    ["password", "Senha", "X-AdminUser-Token", "apiKey", "api_key", "fixed_token", "clientSecret", "PIN", "cookie",
     "Authorization", "refresh-token", "secret_key"],
)  # fmt: skip
def test_keys_that_name_secrets_are_known(key: str) -> None:
    assert is_secret_key(key)


@pytest.mark.parametrize(
    "key", ["store", "tokens_count", "spinning", "token_expires", "passed", "key", "compass", "secretary"]
)
def test_ordinary_keys_are_not(key: str) -> None:
    assert not is_secret_key(key)


def test_structures_are_cleaned_to_the_bottom_and_keep_their_shape() -> None:
    clean = Redactor(["hunter22"]).value(
        {
            "a": [{"senha": "x1", "note": "is hunter22"}, ("hunter22", 7)],
            "token": {"value": "abc"},
            "price": Decimal("1.10"),
            "has_password": True,
            "raw": b"hunter22",
            "wrapped": SecretStr("hunter22"),
            "error": ValueError("hunter22"),
        }
    )
    assert clean == {
        "a": [{"senha": MASK, "note": f"is {MASK}"}, [MASK, 7]],
        "token": MASK,
        "price": Decimal("1.10"),
        "has_password": True,
        "raw": MASK,
        "wrapped": MASK,
        "error": MASK,
    }


def test_a_structure_that_contains_itself_ends() -> None:
    loop: list[object] = []
    loop.append(loop)
    assert "…" in str(Redactor().value(loop))


@pytest.mark.parametrize(
    ("secret", "shown"), [("", MASK), ("short", MASK), ("elevenchars", MASK), ("twelve-chars", "••••hars")]
)
def test_a_mask_shows_four_characters_at_most_and_only_of_long_secrets(secret: str, shown: str) -> None:
    assert mask(secret) == shown
