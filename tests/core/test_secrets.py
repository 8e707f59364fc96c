"""Sealed secrets: bound to their place, rotated, never opened or shown by accident."""

import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import StartError
from core.secrets import KEY_FILE, SealBroken, SecretBox

PLACE = "integrations.settings"


@pytest.fixture
def box() -> SecretBox:
    return SecretBox(SecretBox.new_key())


@pytest.mark.parametrize("secret", ["", "pa55", "ção\0nul", "x" * 5000])
def test_what_was_sealed_opens_at_its_place(box: SecretBox, secret: str) -> None:
    token = box.seal(secret, PLACE)
    assert box.open(token, PLACE) == secret
    assert not secret or secret not in token


def test_a_value_copied_to_another_column_does_not_open(box: SecretBox) -> None:
    with pytest.raises(SealBroken, match="another place"):
        box.open(box.seal("pa55word", PLACE), "people.totp")


@pytest.mark.parametrize("damage", [lambda t: t[:-3], lambda t: t[:20] + "AAAA" + t[24:], lambda t: "ü", lambda t: ""])
def test_a_damaged_value_is_broken_and_not_garbage(box: SecretBox, damage: Callable[[str], str]) -> None:
    with pytest.raises(SealBroken):
        box.open(damage(box.seal("pa55word", PLACE)), PLACE)


def test_rotation_seals_with_the_first_key_and_opens_with_all() -> None:
    old, new = SecretBox.new_key(), SecretBox.new_key()
    token = SecretBox(old).seal("pa55word", PLACE)
    both = SecretBox(f"{new}, {old}")
    assert both.open(token, PLACE) == "pa55word"
    rotated = both.rotate(token)
    assert both.rotate(rotated) == rotated
    assert SecretBox(new).open(rotated, PLACE) == "pa55word"
    with pytest.raises(SealBroken):
        SecretBox(old).open(rotated, PLACE)
    with pytest.raises(SealBroken):
        SecretBox(new).rotate(token)


@pytest.mark.parametrize("keys", ["", " , ", "short", "not base64 !" * 4, "ü" * 44])
def test_an_unusable_key_stops_the_start_and_is_not_repeated(keys: str) -> None:
    with pytest.raises(StartError, match="CHIMERA_SECRET_KEY") as caught:
        SecretBox(keys)
    assert keys.strip(" ,") == "" or keys not in str(caught.value)


def test_another_key_than_the_stored_secrets_stops_the_start(box: SecretBox) -> None:
    sample = SecretBox(SecretBox.new_key()).seal("pa55word", PLACE)
    with pytest.raises(StartError, match="do not open with this key"):
        box.check([box.seal("pa55word", PLACE), sample])
    box.check([box.seal("pa55word", PLACE)])
    box.check([])


def test_the_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    token = SecretBox.open_at(tmp_path).seal("pa55word", PLACE)
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert SecretBox.open_at(tmp_path, " ").open(token, PLACE) == "pa55word"
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_given_key_wins_and_makes_no_file(tmp_path: Path) -> None:
    SecretBox.open_at(tmp_path, SecretBox.new_key())
    assert list(tmp_path.iterdir()) == []


def test_starts_at_the_same_time_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        boxes = list(pool.map(lambda _: SecretBox.open_at(tmp_path), range(8)))
    token = boxes[0].seal("pa55word", PLACE)
    assert [box.open(token, PLACE) for box in boxes] == ["pa55word"] * 8


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    SecretBox.open_at(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o644)
    with pytest.raises(StartError, match="chmod 600"):
        SecretBox.open_at(tmp_path)


def test_an_empty_key_file_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / KEY_FILE
    os.close(os.open(path, os.O_CREAT, 0o600))
    with pytest.raises(StartError):
        SecretBox.open_at(tmp_path)
    assert path.read_text() == ""


def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be used"):
        SecretBox.open_at(tmp_path / "missing")


def test_a_box_never_shows_its_key() -> None:
    key = SecretBox.new_key()
    assert key not in f"{SecretBox(key)!r} {SecretBox(key)}"
