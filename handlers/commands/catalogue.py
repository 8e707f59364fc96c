"""The list of commands, as /help and Telegram's own menu show it."""

from dataclasses import dataclass

from core.access import Role
from core.texts import T, Text


@dataclass(frozen=True, slots=True)
class CommandInfo:
    """A command, what it does, and the least role that may use it."""

    name: str
    does: Text
    role: Role = Role.VIEWER


COMMANDS = (
    CommandInfo("menu", T("everything by buttons")),
    CommandInfo("status", T("what runs, how things stand")),
    CommandInfo("run", T("choose a job and run it"), Role.MANAGER),
    CommandInfo("sync", T("send today's discounts now"), Role.MANAGER),
    CommandInfo("compare", T("compare the ERP with what is live"), Role.MANAGER),
    CommandInfo("stores", T("your stores and their products")),
    CommandInfo("why", T("why a product is not on promotion")),
    CommandInfo("history", T("the latest runs")),
    CommandInfo("product", T("price and discount of a product")),
    CommandInfo("stats", T("how the last days went, as a picture")),
    CommandInfo("logs", T("the log of today or of a day"), Role.ADMIN),
    CommandInfo("debug", T("a detailed log for a while"), Role.ADMIN),
    CommandInfo("health", T("how every part does"), Role.ADMIN),
    CommandInfo("outbox", T("messages that could not be delivered"), Role.ADMIN),
    CommandInfo("integrations", T("the ERP, the platform: set up, test, renew"), Role.ADMIN),
    CommandInfo("jobs", T("what runs, and when"), Role.ADMIN),
    CommandInfo("channels", T("where results are told"), Role.ADMIN),
    CommandInfo("link", T("make this group or topic a channel"), Role.ADMIN),
    CommandInfo("users", T("who may do what"), Role.ADMIN),
    CommandInfo("settings", T("name, time zone and language of the chain"), Role.ADMIN),
    CommandInfo("audit", T("who did what, and when"), Role.ADMIN),
    CommandInfo("export", T("the whole configuration as a file"), Role.ADMIN),
    CommandInfo("import", T("a configuration file: see what it would do, apply it"), Role.ADMIN),
    CommandInfo("pin", T("your PIN or app for what cannot easily be undone"), Role.ADMIN),
    CommandInfo("cancel", T("stop a run, or leave a form"), Role.MANAGER),
    CommandInfo("pause", T("stop all sending"), Role.MANAGER),
    CommandInfo("resume", T("allow sending again"), Role.MANAGER),
    CommandInfo("help", T("what I can do")),
)
