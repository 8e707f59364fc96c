"""One connection to an SMTP server: opened to a checked address, used, closed; errors become ours."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import aiosmtplib

from core.errors import CredentialsRefused, OutcomeUnknown, OutsideError, Refused, TemporarilyUnavailable, Unreachable
from core.texts import T
from integrations.addresses import GuardedResolver, check_literal
from integrations.email.settings import EmailSettings

_NO_LONGER_LATER = 500
"""Answers from here on are for good, those below mean 'not now' (RFC 5321)."""


@asynccontextmanager
async def session(settings: EmailSettings) -> AsyncIterator[aiosmtplib.SMTP]:
    """Open an encrypted, logged-in session for a while. Raises the errors of `Notifier.notify`."""
    where = f"{settings.host}:{settings.port}"
    with _translated(where):
        async with asyncio.timeout(settings.timeout_seconds):
            client = aiosmtplib.SMTP(
                hostname=settings.host,
                sock=await _reach(settings),
                use_tls=settings.security == "tls",
                start_tls=settings.security == "starttls",
                timeout=settings.timeout_seconds,
                local_hostname="localhost",
            )
            async with client:
                if settings.login is not None:
                    await client.login(*settings.login)
                yield client


async def _reach(settings: EmailSettings) -> socket.socket:
    """Connect to the first address that answers, none of which may be a refused one (`rules.md` 7.1)."""
    where = f"{settings.host}:{settings.port}"
    check_literal(settings.host)
    try:
        found = await GuardedResolver().resolve(settings.host, settings.port)
    except OSError as error:
        raise Unreachable(T("{where} is not known: check the name of the server.", where=where)) from error
    for address in found:
        made = socket.socket(address["family"], socket.SOCK_STREAM)
        made.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(made, (address["host"], settings.port))
        except OSError:
            made.close()
        except BaseException:
            made.close()
            raise
        else:
            return made
    raise Unreachable(T("{where} cannot be reached. Check server, port and firewall.", where=where))


@contextmanager
def _translated(where: str) -> Iterator[None]:
    """Turn the library's errors into ours; the server's own words are for the log's eyes only, and not kept."""
    try:
        yield
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _ours(error, where) from None


def _ours(error: Exception, where: str) -> OutsideError:
    detail = type(error).__name__
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            code = min(one.code for one in error.recipients)
            names = ", ".join(one.recipient for one in error.recipients)
            return _answered(code, where, T("it does not take mail for {names}", names=names))
        case aiosmtplib.SMTPAuthenticationError(code=code) if code >= _NO_LONGER_LATER:
            return CredentialsRefused(T("{where} refuses the login. Check user and password.", where=where))
        case aiosmtplib.SMTPSenderRefused(code=code):
            return _answered(code, where, T("it does not take mail from this sender"))
        case aiosmtplib.SMTPResponseException(code=code) if code > 0:
            return _answered(code, where, T("it refuses the mail"))
        case ssl.SSLError():
            return _no_tls(where)
        case aiosmtplib.SMTPConnectError() | aiosmtplib.SMTPConnectTimeoutError():
            if isinstance(error.__cause__, ssl.SSLError):
                return _no_tls(where)
            return Unreachable(T("{where} does not answer as a mail server. Check port and encryption.", where=where))
        case aiosmtplib.SMTPTimeoutError() | TimeoutError() | aiosmtplib.SMTPServerDisconnected() | OSError():
            text = T("{where} broke off or was too slow: nobody knows whether the mail has left.", where=where)
            return OutcomeUnknown(text, detail=detail)
        case _:
            text = T("{where} does not offer what was asked for (encryption or login). Check port and encryption.",
                     where=where)  # fmt: skip
            return Refused(text, detail=detail)


def _no_tls(where: str) -> Refused:
    return Refused(
        T("{where} shows no valid certificate for this name, or speaks no TLS. Check name, port and encryption.",
          where=where)
    )  # fmt: skip


def _answered(code: int, where: str, reason: object) -> OutsideError:
    text = T("{where} says no: {reason} (SMTP {code}).", where=where, reason=reason, code=str(code))  # type: ignore[arg-type]
    return Refused(text) if code >= _NO_LONGER_LATER else TemporarilyUnavailable(text)
