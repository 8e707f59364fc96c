"""The same complaint again and again is one line and a count; every other line is written."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from core.logs import configure_logs
from core.redact import Redactor
from core.repeats import WINDOW_SECONDS, Unrepeating


class Log:
    """What the process wrote, and a clock to turn."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        configure_logs(Redactor(["hunter22"]), log_format="json", stream=self.stream)
        self.seconds = 0.0
        (handler,) = logging.getLogger().handlers
        assert isinstance(handler, Unrepeating)
        self.handler = handler
        self.handler._now = lambda: self.seconds

    def lines(self) -> list[tuple[object, object]]:
        """Return each line's event, and what it repeats how often."""
        found = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [(line["event"], (line["line"], line["times"]) if "times" in line else None) for line in found]


@pytest.fixture
def log() -> Iterator[Log]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield Log()
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def raised(words: str) -> None:
    try:
        int(words)
    except ValueError:
        structlog.get_logger("ours").exception("broke")


def test_a_complaint_is_written_once_in_a_while_and_then_counted(log: Log) -> None:
    for _ in range(4):
        structlog.get_logger("ours").warning("away", error="hunter22")
        logging.getLogger("theirs").error("no %s\nTraceback (most recent call last):\n  …", "queue")
    assert log.lines() == [("away", None), ("no queue", None)]

    log.seconds = WINDOW_SECONDS
    structlog.get_logger("ours").warning("away", error="hunter22")
    counted = [("repeated", ("away", 3)), ("repeated", ("no queue", 3))]
    assert log.lines()[2:] == [*counted, ("away", None)]
    assert "hunter22" not in log.stream.getvalue()


def test_what_differs_anywhere_is_written(log: Log) -> None:
    ours = structlog.get_logger("ours")
    for words in ("first", "second"):
        raised(words)
        ours.warning("away", error=words)
        ours.error("away", error=words)
        structlog.get_logger("others").warning("away", error=words)
        logging.getLogger("theirs").warning("away: %s", words)
    try:
        int("first")
    except ValueError:
        ours.exception("broke")
    assert len(log.lines()) == 11


def test_the_same_error_from_the_same_place_is_counted(log: Log) -> None:
    for _ in range(3):
        raised("same")
    log.handler.close()
    assert log.lines() == [("broke", None), ("repeated", ("broke", 2))]


def test_what_is_no_complaint_is_written_every_time(log: Log) -> None:
    for _ in range(3):
        structlog.get_logger("ours").info("sent")
    assert log.lines() == [("sent", None)] * 3


def test_a_traceback_inside_a_sentence_stands_where_tracebacks_do(log: Log) -> None:
    logging.getLogger("theirs").warning("Polling: Traceback (most recent call last):\n  File x\nValueError: y")
    (line,) = [json.loads(text) for text in log.stream.getvalue().splitlines()]
    assert line["event"] == "Polling"
    assert line["exception"].endswith("ValueError: y")
