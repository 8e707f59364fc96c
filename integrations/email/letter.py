"""A notice as a mail: plain text, the same as simple HTML, and headers of one line each."""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from integrations.contract import Notice
from integrations.email.settings import EmailSettings

_SUBJECT = 200
_NAME = 100
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_UNSAFE_ID = re.compile(r"[^A-Za-z0-9.-]")


def write(notice: Notice, settings: EmailSettings) -> EmailMessage:
    """Return the mail. Written again it has the same `Message-ID`."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(one_line(settings.sender_name or notice.organisation)[:_NAME], addr_spec=settings.sender)
    mail["To"] = [Address(addr_spec=one) for one in settings.recipients]
    mail["Subject"] = subject(notice.title)
    mail["Date"] = notice.at
    mail["Message-ID"] = f"<{_UNSAFE_ID.sub('-', notice.id)}@{settings.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    title, lines = _clean(notice.title), [_clean(line) for line in notice.lines]
    mail.set_content("\n".join([title, "", *lines]) + "\n")
    mail.add_alternative(_html(title, lines), subtype="html")
    return mail


def subject(title: str) -> str:
    """Return a title as the subject of a mail."""
    return one_line(title)[:_SUBJECT]


def one_line(text: str) -> str:
    """Return a text as a header may hold it: no line break and nothing invisible ever ends it early."""
    return _BREAKS.sub(" ", _encodable(text)).strip()


def _html(title: str, lines: list[str]) -> str:
    body = "".join(f"<p>{escape(line)}</p>\n" for line in lines if line)
    # A name without a blank must not make the whole letter wider than a phone.
    head = '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body style="overflow-wrap: anywhere">\n'
    return f"{head}<h3>{escape(title)}</h3>\n{body}</body></html>\n"


def _clean(text: str) -> str:
    return _CONTROLS.sub(" ", _encodable(text).replace("\r\n", "\n"))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
