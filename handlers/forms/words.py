"""The words around forms: how each kind of field is filled in, and what a summary offers."""

from core.configuration.modules import SOURCE, TARGET
from core.configuration.wanted import Section
from core.forms.fields import Kind
from core.texts import T, Text

ADVANCED = T("Advanced")
GONE = T("This field is not there any more. Go back.")
NOT_OFFERED = T("That is no longer among the choices. Choose again.")
_TYPE = T("Type it.")
_TAP = T("Tap one, or type it.")
HOW: dict[Kind, Text] = dict.fromkeys(Kind, _TYPE) | {
    Kind.TOGGLE: T("Tap one, or type on or off."),
    Kind.CHOICE: _TAP,
    Kind.CHOICES: T("Tap what belongs to it, then Done. Or type all of it, with commas."),
    Kind.TIME: T("Type the time, such as 06:00 or 6h30."),
    Kind.OPENING: T("Type the time, such as 06:00, or by day: “mon to sat 7:00; sun 8:00; 12/25 10:00”."),
    Kind.DATE: T("Type the date, such as 11/23, or tomorrow."),
    Kind.DURATION: T("Type how long, such as 5 min or 1h30."),
    Kind.MONEY: T("Type the amount."),
    Kind.SECRET: T("Type it. I take your message away at once, and show at most its last four characters."),
    Kind.LIST: T("Type all of it: one a line, or with commas."),
    Kind.UNION: T("Tap the kind first."),
    Kind.FILE: T("Type the path of the file on the server."),
    Kind.CHAT: T("Type its number or @name, or forward a message from it."),
    Kind.STORES: T("Tap all, tags or stores, then Done. Type to search."),
    Kind.HOURS: T("Type from and until, such as “22:00 to 6:30”."),
    Kind.QUIET: T("Type from and until, such as “22:00 to 6:30”, or tap."),
    Kind.SCHEDULE: T("Tap days and time, or type it: “05:10”, “mon to fri 6:00; sat 8:00”, or a cron line."),
}
NONE_YET: dict[str, Text] = {
    SOURCE: T("No ERP is connected yet. Connect it first; what you filled in here stays."),
    TARGET: T("No loyalty platform is connected yet. Connect it first; what you filled in here stays."),
}
"""What is said where an integration is asked for and none can do it."""
_CONNECTED = frozenset({"save", "save_off", "test"})
_PLAIN = frozenset({"save"})
LEADS: dict[Section, frozenset[str]] = dict.fromkeys(Section, _PLAIN) | {
    Section.INTEGRATIONS: _CONNECTED,
    Section.CHANNELS: _CONNECTED,
}
