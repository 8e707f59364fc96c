"""setWebhook and its kin, with the demands Telegram makes on an address."""

import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.telegram.errors import bad_request
from sandbox.telegram.methods_bot import choose_kinds
from sandbox.telegram.model import Json, Result
from sandbox.telegram.params import Params
from sandbox.telegram.webhook import DEFAULT_CONNECTIONS, Webhook
from sandbox.telegram.world import World

PORTS = (80, 88, 443, 8443)
MOST_CONNECTIONS = 100
MAX_SECRET = 256
LOOPBACK = ("127.0.0.1", "localhost", "::1")

_SECRET = re.compile(r"[A-Za-z0-9_-]*")


def set_webhook(world: World, params: Params) -> Result:
    """Choose the address; an empty one is deleteWebhook."""
    url = params.text("url")
    if not url:
        return delete_webhook(world, params)
    _check_address(url)
    webhook = Webhook(url, _secret(params), _connections(params), certificate=params.upload("certificate") is not None)
    choose_kinds(world, params)
    if params.boolean("drop_pending_updates"):
        world.updates.drop_all()
    before, world.deliverer.webhook = world.deliverer.webhook, webhook
    world.updates.end_polls()
    world.updates.stir()
    same = (before.url, before.secret) == (webhook.url, webhook.secret)
    return Result(True, "Webhook is already set" if same else "Webhook was set")


def delete_webhook(world: World, params: Params) -> Result:
    if params.boolean("drop_pending_updates"):
        world.updates.drop_all()
    before, world.deliverer.webhook = world.deliverer.webhook, Webhook()
    return Result(True, "Webhook was deleted" if before.url else "Webhook is already deleted")


def get_webhook_info(world: World, _params: Params) -> Json:
    info = {**world.deliverer.webhook.as_json(), "pending_update_count": world.updates.pending}
    if world.updates.allowed is not None:
        info["allowed_updates"] = sorted(world.updates.allowed)
    return info


def _check_address(url: str) -> None:
    """Demand what Telegram demands; on loopback plain HTTP and any port, as a local server does."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise bad_request("bad webhook: invalid webhook URL specified") from error
    if parts.hostname in LOOPBACK and parts.scheme in {"http", "https"}:
        return
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if port is not None and port not in PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def _secret(params: Params) -> str:
    secret = params.text("secret_token")
    if len(secret) > MAX_SECRET:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    return secret


def _connections(params: Params) -> int:
    return min(max(params.integer("max_connections", DEFAULT_CONNECTIONS), 1), MOST_CONNECTIONS)


METHODS: dict[str, Any] = {
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
