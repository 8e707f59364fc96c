"""Where the posts go, and what signs them."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from core.configuration.fields import FieldProblem
from core.texts import T
from integrations.contract import SettingsModel
from integrations.typed import VerifyTls, web_address

_SHORTEST = 8


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < _SHORTEST:
        raise FieldProblem(T("give at least 8 characters."))
    return secret


class WebhookSettings(SettingsModel):
    """Address and key."""

    base_url: Annotated[str, AfterValidator(web_address)] = Field(
        title="Address",
        description="The whole address that takes the posts.",
        examples=["https://example.test/hooks/chimera"],
        json_schema_extra={"kind": "url"},
    )
    secret: Annotated[SecretStr, AfterValidator(_long_enough)] = Field(
        title="Signing key",
        description="At least 8 characters that the other side knows too; every post is signed with it.",
        examples=["invented-secret"],
    )
    verify_tls: VerifyTls = True
    timeout_seconds: int = Field(
        default=10,
        ge=1,
        le=60,
        title="Time-out",
        description="Seconds to wait for an answer.",
        examples=[10],
        json_schema_extra={"advanced": True, "unit": "s"},
    )
