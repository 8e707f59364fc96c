"""Types that the settings of several modules share."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, StringConstraints

from core.configuration.fields import FieldProblem
from core.errors import AddressRefused
from core.texts import T, Text
from integrations.addresses import check_literal

_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,63}$"
LOGIN_APART = T("give scheme, host, port and path only; the login has fields of its own.")
_EMAIL = r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$"


def in_words(pattern: str, problem: Text) -> BeforeValidator:
    """Say what is wrong in words, before a pattern, which stays in the schema, would show itself."""

    def check(value: object) -> object:
        if isinstance(value, str) and not re.match(pattern, value.strip(), re.IGNORECASE):
            raise FieldProblem(problem)
        return value

    return BeforeValidator(check)


FieldName = Annotated[
    str,
    in_words(
        _NAME, T("begin with a letter and use letters, digits and _ only, such as {example}.", example="PrecoVenda2")
    ),
    StringConstraints(pattern=_NAME),
]
"""Name of a field on the wire."""

EmailAddress = Annotated[
    str,
    in_words(_EMAIL, T("give an e-mail address, such as {example}.", example="ana@example.com")),
    StringConstraints(pattern=_EMAIL, max_length=254),
]
"""An address that can stand in a header and in an envelope as it is."""

RequestsPerMinute = Annotated[
    int,
    Field(
        ge=0,
        le=1_000_000,
        title="Requests per minute",
        description="Never more requests than this in any minute; 0 switches the limit off.",
        json_schema_extra={"group": "Pace"},
    ),
]

VerifyTls = Annotated[
    bool,
    Field(
        title="Check the certificate",
        description="Off for a server in your own network with a certificate of its own.",
        examples=[True],
        json_schema_extra={"advanced": True},
    ),
]


def web_address(text: str) -> str:
    """Return a base address without trailing `/`. Raises FieldProblem that says how to write it."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise FieldProblem(T("give the address with http:// or https://, for example http://192.168.0.10:9000."))
    if parts.username or parts.password or parts.query or parts.fragment:
        raise FieldProblem(LOGIN_APART)
    try:
        _ = parts.port
    except ValueError as error:
        raise FieldProblem(T("the port is a number up to 65535.")) from error
    try:
        check_literal(parts.hostname)
    except AddressRefused as error:
        raise FieldProblem(T("link-local and metadata addresses are never called; give that of the server.")) from error
    return text.rstrip("/")
