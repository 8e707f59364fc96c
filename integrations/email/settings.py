"""Which server takes the mails, from whom, and to whom."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from core.configuration.fields import FieldProblem
from core.errors import AddressRefused
from core.texts import T
from integrations.addresses import check_literal
from integrations.contract import SettingsModel
from integrations.typed import EmailAddress, in_words

_HOST = r"^[A-Za-z0-9.:-]{1,253}$"


def _host(name: str) -> str:
    try:
        check_literal(name)
    except AddressRefused as error:
        raise FieldProblem(T("link-local and metadata addresses are never called; give that of the server.")) from error
    return name


class EmailSettings(SettingsModel):
    """SMTP server, login, sender and recipients."""

    host: Annotated[
        str,
        in_words(_HOST, T("give a server's name or address, such as {example}.", example="smtp.example.com")),
        StringConstraints(pattern=_HOST),
        AfterValidator(_host),
    ] = Field(
        title="Server",
        description="Name or address of the SMTP server.",
        examples=["smtp.example.test"],
        json_schema_extra={"group": "Server"},
    )
    port: int = Field(
        default=587,
        ge=1,
        le=65535,
        title="Port",
        description="587 for STARTTLS, 465 for TLS from the start, 25 inside a network.",
        examples=[587, 465],
        json_schema_extra={"group": "Server", "ask": True},
    )
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        title="Encryption",
        description="How the connection is protected; without it only for a server in your own network.",
        examples=["starttls", "tls", "none"],
        json_schema_extra={
            "group": "Server",
            "ask": True,
            "labels": {"starttls": "STARTTLS", "tls": "TLS from the start", "none": "No encryption"},
        },
    )
    username: Annotated[str, StringConstraints(max_length=254)] = Field(
        default="",
        title="User",
        description="Name for the login; empty for a server that asks for none.",
        examples=["chimera@example.test"],
        json_schema_extra={"group": "Login", "ask": True},
    )
    password: SecretStr | None = Field(
        default=None,
        title="Password",
        description="Password for the login; empty for a server that asks for none.",
        examples=["invented-password"],
        json_schema_extra={"group": "Login", "ask": True},
    )
    sender: EmailAddress = Field(
        title="From",
        description="Address that the mails come from; many servers want that of the login.",
        examples=["chimera@example.test"],
        json_schema_extra={"kind": "email", "group": "Mail"},
    )
    sender_name: Annotated[str, StringConstraints(max_length=100)] = Field(
        default="",
        title="From name",
        description="Who the mails come from, as people read it. Empty: the organisation's name.",
        examples=["Mercado Azul"],
        json_schema_extra={"group": "Mail"},
    )
    recipients: list[EmailAddress] = Field(
        min_length=1,
        max_length=50,
        title="To",
        description="Addresses that the mails go to; all of them see each other.",
        examples=[["ops@example.test"], ["ana@example.test", "rui@example.test"]],
        json_schema_extra={"group": "Mail"},
    )
    timeout_seconds: int = Field(
        default=20,
        ge=1,
        le=120,
        title="Time-out",
        description="Seconds that a whole delivery may take.",
        examples=[20],
        json_schema_extra={"advanced": True, "unit": "s"},
    )

    @property
    def login(self) -> tuple[str, str] | None:
        """Name and password, or None for a server without login."""
        secret = self.password.get_secret_value() if self.password is not None else ""
        return (self.username, secret) if self.username and secret else None

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        secret = self.password.get_secret_value() if self.password is not None else ""
        if bool(self.username) is not bool(secret):
            raise FieldProblem(T("give user and password, or neither."))
        return self
