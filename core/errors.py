"""The one exception tree.

Every error carries a `Text` for the person who reads it, a `detail` for the log (already
free of secrets), and says whether trying again can help (`permanent`). Errors of libraries
are translated into these once, at the client's edge.
"""

from typing import ClassVar

from core.texts import T, Text


class ChimeraError(Exception):
    """Base of all errors that Chimera raises on purpose.

    `text` is shown to people; `detail` goes to the log only.
    """

    permanent: ClassVar[bool] = True

    def __init__(self, text: Text, *, detail: str = "") -> None:
        super().__init__(f"{text} ({detail})" if detail else str(text))
        self.text = text
        self.detail = detail


class StartError(ChimeraError):
    """The process cannot start: wrong environment, key, folder, database. Exit code 2."""


class TokenRefused(StartError):
    """Telegram does not know the bot token."""

    def __init__(self) -> None:
        super().__init__(T("Telegram refused the bot token. Copy it again from @BotFather into CHIMERA_BOT_TOKEN."))


class BadInput(ChimeraError):
    """What a person or document gave is wrong; `problems` lists every place with its remedy."""

    def __init__(self, text: Text, *, problems: list[Text] | None = None, detail: str = "") -> None:
        super().__init__(text, detail=detail)
        self.problems = problems or []


class Forbidden(ChimeraError):
    """The actor may not do this."""

    def __init__(self, text: Text | None = None, *, detail: str = "") -> None:
        super().__init__(text or T("You may not do this. Ask an admin for the right."), detail=detail)


class NotFound(ChimeraError):
    """A named thing does not exist, or not for this actor."""


class Conflict(ChimeraError):
    """The state of things does not allow this now."""


class OutsideError(ChimeraError):
    """Something beyond Chimera failed: the ERP, the platform, the messenger."""


class AddressRefused(OutsideError):
    """The address is never called (link-local, metadata) - `rules.md` 7.1."""


class Unreachable(OutsideError):
    """No connection: nothing was sent, trying again is safe."""

    permanent: ClassVar[bool] = False


RESTS = T("{host} failed many times in a row and is left alone for half a minute. Try again then.").message
"""What is said of a host after several failures; the trouble behind it is what was said before."""


class TemporarilyUnavailable(OutsideError):
    """A clear 'not now' (429, 502-504, open circuit): not processed. `retry_after` in seconds."""

    permanent: ClassVar[bool] = False

    def __init__(self, text: Text, *, retry_after: float | None = None, detail: str = "") -> None:
        super().__init__(text, detail=detail)
        self.retry_after = retry_after


class PauseAsked(TemporarilyUnavailable):
    """'Not now', and not for longer than a single call may wait: whoever has the time calls again after `seconds`.

    `of_others` says that another call was asked for it, and this one did not leave.
    """

    def __init__(self, text: Text, seconds: float, *, of_others: bool = False) -> None:
        super().__init__(text, retry_after=seconds)
        self.seconds = seconds
        self.of_others = of_others


class OutcomeUnknown(OutsideError):
    """The request may have been processed: time-out, cut or unreadable answer (`rules.md` 3.3)."""

    permanent: ClassVar[bool] = False

    def __init__(self, text: Text, *, retry_after: float | None = None, detail: str = "") -> None:
        super().__init__(text, detail=detail)
        self.retry_after = retry_after


class HalfSent(OutcomeUnknown):
    """A first part of it was taken, a later one not, or nobody knows: half may be live until all is sent anew."""


class UnreadableAnswer(OutsideError):
    """The answer was not understood; never 'empty' or 'equal'."""

    permanent: ClassVar[bool] = False


class Refused(OutsideError):
    """The other side understood and said no (4xx, inner error): trying again does not help."""


class CredentialsRefused(OutsideError):
    """The login was refused. Latches the integration as 'needs credentials' (`rules.md` 3.7)."""


class ScanIncomplete(OutsideError):
    """A catalogue scan whose end was not proven (`rules.md` 1.1): no snapshot, no send."""

    permanent: ClassVar[bool] = False
