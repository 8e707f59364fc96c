"""Parameters of a call, whichever of Telegram's encodings they came in."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.telegram.errors import bad_request

ATTACHED = "attach://"

_SECRET = frozenset({"secret_token"})


@dataclass(frozen=True)
class Upload:
    name: str
    data: bytes = field(repr=False)
    content_type: str


@dataclass
class Params:
    """Raw values by name plus uploaded parts; accessors convert and refuse with 400."""

    values: dict[str, Any]
    uploads: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def text(self, name: str) -> str:
        value = self.values.get(name)
        return "" if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        if not self.has(name):
            return default
        try:
            return int(str(self.values[name]))
        except ValueError as error:
            raise bad_request(f"{name} must be a number") from error

    def boolean(self, name: str) -> bool:
        return self.text(name).lower() in {"true", "1", "yes"}

    def structure(self, name: str) -> Any:
        """Return a nested object or list (forms carry it as JSON text); None if absent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except json.JSONDecodeError as error:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from error

    def upload(self, name: str) -> Upload | None:
        """Find the file given directly under `name` or by attach://."""
        reference = self.text(name)
        return self.attached(reference) if reference.startswith(ATTACHED) else self.uploads.get(name)

    def attached(self, reference: str) -> Upload | None:
        """Find the part that attach://name refers to."""
        return self.uploads.get(reference.removeprefix(ATTACHED)) if reference.startswith(ATTACHED) else None

    def names(self) -> set[str]:
        """List every parameter name used, without parts that only carry attached bytes."""
        written = " ".join(str(value) for value in self.values.values())
        direct = {name for name in self.uploads if f"{ATTACHED}{name}" not in written}
        return set(self.values) | direct

    def journal(self) -> dict[str, Any]:
        """Show values as the journal keeps them: JSON decoded, files by size, secrets masked."""
        shown = {name: "***" if name in _SECRET else _decoded(value) for name, value in self.values.items()}
        for name, upload in self.uploads.items():
            shown[name] = f"<{upload.name}, {len(upload.data)} bytes>"
        return shown


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


async def read_params(request: web.Request) -> Params:
    """Read query string, JSON, urlencoded or multipart; raises ApiError 400 for broken JSON."""
    values: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        body = await _json_body(request)
        return Params({**values, **body})
    uploads: dict[str, Upload] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            with value.file:
                uploads[name] = Upload(value.filename, value.file.read(), value.content_type)
        else:
            values[name] = value if isinstance(value, str) else bytes(value).decode()
    return Params(values, uploads)


async def _json_body(request: web.Request) -> dict[str, Any]:
    raw = await request.read()
    try:
        body = json.loads(raw or b"{}")
    except json.JSONDecodeError as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(body, dict):
        raise bad_request("expected a JSON object")
    return body
