"""Log lines: one pipeline, no secrets, no forged lines, correlation ids on everything."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from core.logs import LogFormat, configure_logs, escape_controls
from core.redact import Redactor

BOT = "123456789:AAH-abcdefghijklmnopqrstuvwxyz01234"


@pytest.fixture(autouse=True)
def _logging_put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def fail(words: str) -> None:
    raise ValueError(words)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def configured(log_format: LogFormat, level: str = "INFO") -> io.StringIO:
    stream = io.StringIO()
    configure_logs(Redactor(["hunter22"]), log_format=log_format, level=level, stream=stream)
    return stream


def test_our_lines_and_those_of_libraries_look_alike() -> None:
    stream = configured("json")
    structlog.contextvars.bind_contextvars(execution="e1")
    structlog.get_logger("ours").info("sent", products=3)
    logging.getLogger("theirs").warning("slow: %s", "x")
    ours, theirs = lines(stream)
    assert (ours["event"], ours["products"], ours["level"], ours["logger"]) == ("sent", 3, "info", "ours")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("slow: x", "warning", "theirs")
    assert ours["execution"] == theirs["execution"] == "e1"
    assert str(ours["timestamp"]).endswith("Z")


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_no_secret_gets_through_any_way(log_format: LogFormat) -> None:
    stream = configured(log_format)
    log = structlog.get_logger("x")
    log.info("login with hunter22", senha="pa55", nested={"token": "abc987"}, url=f"https://h/bot{BOT}/x")
    logging.getLogger("y").error("%s", f"bot{BOT}", extra={"password": "pa55"})
    try:
        fail("hunter22 was wrong")
    except ValueError:
        log.exception("failed")
        logging.getLogger("y").exception("failed too")
    text = stream.getvalue()
    for secret in ("hunter22", "pa55", "abc987", BOT.split(":")[1]):
        assert secret not in text
    assert text.count("ValueError: ") == 2


def test_a_console_line_cannot_be_forged_or_turned_around() -> None:
    stream = configured("console")
    structlog.get_logger("x").info("name\nFAKE line", store="a\x1b[2Jb\u202ec\r\u2028d")
    logging.getLogger("y").warning("other\nFAKE")
    text = stream.getvalue()
    assert text.count("\n") == 2
    assert not set(text) & set("\x1b\u202e\r\u2028")
    assert "name\\nFAKE line" in text


def test_an_exception_cannot_forge_a_line_either() -> None:
    stream = configured("console")
    try:
        fail("x\n2026-11-23 [info] all is well\x1b[0m")
    except ValueError:
        structlog.get_logger("x").exception("failed")
    assert not [line for line in stream.getvalue().splitlines() if line.startswith("2026-11-23 [info]")]
    assert "\x1b" not in stream.getvalue()


def test_json_lines_stay_one_line_each_and_keep_letters() -> None:
    stream = configured("json")
    structlog.get_logger("x").info("promoção\nnova", odd=object)
    assert stream.getvalue().count("\n") == 1
    assert "promoção" in stream.getvalue()


def test_the_level_counts_for_ours_and_theirs_and_chatty_libraries_are_kept_down() -> None:
    stream = configured("json", level="WARNING")
    structlog.get_logger("x").info("quiet")
    logging.getLogger("y").info("quiet")
    assert stream.getvalue() == ""
    stream = configured("json", level="DEBUG")
    logging.getLogger("aiohttp.access").info("GET https://h/?q=1")
    structlog.get_logger("x").debug("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_escaping_leaves_ordinary_letters_alone() -> None:
    assert escape_controls("São Paulo, 3 €") == "São Paulo, 3 €"
