"""Structured logs: one pipeline for our lines and those of libraries, free of secrets (X-5, X-14).

Correlation ids are bound with `structlog.contextvars` and stand on every line of a task.
"""

import logging
import re
import sys
from textwrap import indent
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

from core.redact import Redactor
from core.repeats import TRACEBACK, Unrepeating

LogFormat = Literal["console", "json"]
_CHATTY = (
    "aiogram",
    "aiohttp.access",
    "aiosqlite",
    "alembic",
    "apscheduler",
    "asyncio",
    "uvicorn",
)
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_UNSAFE_IN_BLOCKS = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x08\x0b-\x1f"))


def escape_controls(text: str) -> str:
    """Write control, newline and bidirectional characters as escapes (`rules.md` 7.6)."""
    return _UNSAFE.sub(_escape, text)


def configure_logs(
    redactor: Redactor,
    *,
    log_format: LogFormat = "console",
    level: str = "INFO",
    stream: TextIO | None = None,
) -> None:
    """Route structlog and the standard library through one pipeline."""
    main = Unrepeating(stream or sys.stderr)
    main.setFormatter(_formatter(log_format, redactor, colors=main.stream.isatty()))
    root = logging.getLogger()
    root.handlers = [main]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]


def _formatter(log_format: LogFormat, redactor: Redactor, *, colors: bool) -> logging.Formatter:
    ending: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redactor,
    ]
    if log_format == "json":
        ending.append(structlog.processors.JSONRenderer(default=str, ensure_ascii=False))
    else:
        ending += [_escape_event, structlog.dev.ConsoleRenderer(colors=colors)]
    foreign: list[Processor] = [*_shared(), structlog.stdlib.ExtraAdder(), _take_traceback_out]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=foreign, processors=ending)


def _take_traceback_out(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Put a traceback that a library wrote into its sentence (DBOS does) where tracebacks stand."""
    head, found, rest = event["event"].partition(TRACEBACK)
    if found:
        event.update(event=head.strip().rstrip(":"), exception=found + rest)
    return event


def _escape_event(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return {
        escape_controls(key): _escape_block(item) if key in {"exception", "stack"} else _escape_item(item)
        for key, item in event.items()
    }


def _escape_item(item: Any) -> Any:
    match item:
        case str():
            return escape_controls(item)
        case dict():
            return {escape_controls(str(key)): _escape_item(value) for key, value in item.items()}
        case list():
            return [_escape_item(value) for value in item]
        case _:
            return item


def _escape_block(text: str) -> str:
    """Tracebacks keep their line breaks, indented so that none can pass for a line of its own."""
    return indent(_UNSAFE_IN_BLOCKS.sub(_escape, text), "  ", lambda _line: True)


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()
