"""Refusals of the Bot API, worded as the real server words them."""

from typing import Any


class SandboxError(Exception):
    """The test or demo asked for something no person could do in the chat."""


class ConnectionCut(Exception):
    """The connection must end here without an answer."""


class ApiError(Exception):
    """A refusal sent to the bot.

    `blame` says whether the bot itself is at fault (then it is also a
    violation of the given `kind`); a person blocking the bot is not.
    """

    def __init__(
        self,
        code: int,
        description: str,
        *,
        kind: str = "invalid_call",
        blame: bool = True,
        parameters: dict[str, int] | None = None,
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.kind = kind
        self.blame = blame
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(description: str, *, kind: str = "invalid_call", blame: bool = True) -> ApiError:
    return ApiError(400, f"Bad Request: {description}", kind=kind, blame=blame)


def forbidden(description: str, *, blame: bool = False) -> ApiError:
    return ApiError(403, f"Forbidden: {description}", kind="forbidden", blame=blame)


def conflict(description: str) -> ApiError:
    return ApiError(409, f"Conflict: {description}", kind="conflict")


def too_many_requests(retry_after: int, *, kind: str = "flood", blame: bool = True) -> ApiError:
    """`retry_after` in whole seconds, as the real server sends it."""
    text = f"Too Many Requests: retry after {retry_after}"
    return ApiError(429, text, kind=kind, blame=blame, parameters={"retry_after": retry_after})


def cannot_parse(detail: str) -> ApiError:
    return bad_request(f"can't parse entities: {detail}", kind="unparsable_entities")
