"""Which queries were answered already, as the next process finds it."""

from pathlib import Path

from core.chat.answered import Answered


def test_what_a_killed_process_answered_the_next_one_does_not(tmp_path: Path) -> None:
    killed = Answered(tmp_path / "answered")
    assert killed.note("1")
    assert not killed.note("1")
    after = Answered(tmp_path / "answered")

    assert not after.note("1")
    assert after.note("2")
    assert not Answered(tmp_path / "answered").note("2")


def test_the_file_does_not_grow_and_the_latest_are_known(tmp_path: Path) -> None:
    path = tmp_path / "answered"
    first = Answered(path)
    assert all(first.note(str(number)) for number in range(2500))
    size = path.stat().st_size
    second = Answered(path)
    assert all(second.note(f"later {number}") for number in range(500))
    third = Answered(path)

    assert not any(third.note(str(number)) for number in range(2300, 2500))
    assert not any(third.note(f"later {number}") for number in range(500))
    assert third.note("0")
    assert path.stat().st_size == size < 20_000


def test_a_file_that_was_cut_or_is_something_else_stops_nobody(tmp_path: Path) -> None:
    path = tmp_path / "answered"
    path.write_bytes(b"no such file " * 5000)
    assert Answered(path).note("1")
    path.write_bytes(path.read_bytes()[:100])
    assert Answered(path).note("2")


def test_an_answer_that_cannot_be_noted_is_given_all_the_same(tmp_path: Path) -> None:
    answered = Answered(tmp_path / "answered")
    answered.close()

    assert answered.note("1")
    assert not answered.note("1")
