"""A small SMTP server of our own on loopback: takes mails, asks for a login, says no, breaks off."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class SmtpServer:
    """`answers` replaces the usual answer to a verb (`MAIL`, `RCPT`, `DATA`, `.` …); None hangs up."""

    login: tuple[str, str] | None = None
    tls: ssl.SSLContext | None = None
    answers: dict[str, str | None] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    port: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Conversation(self, reader, writer).run()
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    def keep(self, sender: str, recipients: list[str], data: bytes) -> None:
        self.envelopes.append((sender, recipients))
        self.mails.append(message_from_bytes(data, policy=policy.default))


def words_of(mail: EmailMessage, kind: str = "plain") -> str:
    """Return what a mail says, as plain text or as HTML."""
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


class _Conversation:
    def __init__(self, server: SmtpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.secure = self.known = False
        self.sender, self.recipients = "", list[str]()

    async def run(self) -> None:
        await self.say("220 mail.example.test ready")
        while line := await self.reader.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            self.server.verbs.append(verb.upper())
            answer = self.server.answers.get(verb.upper(), "")
            if answer is None:
                return
            if answer:
                await self.say(answer)
            elif not await self.answer(verb.upper(), rest):
                return

    async def say(self, text: str) -> None:
        self.writer.write(text.encode() + b"\r\n")
        await self.writer.drain()

    async def answer(self, verb: str, rest: str) -> bool:
        """Answer as a server does; False ends the conversation."""
        match verb:
            case "EHLO":
                await self.say(self.greeting())
            case "STARTTLS" if self.server.tls is not None:
                await self.say("220 go on")
                await self.writer.start_tls(self.server.tls)
                self.secure = True
            case "AUTH":
                await self.say(await self.judged(rest))
            case "MAIL" if self.server.login is None or self.known:
                self.sender, self.recipients = _address(rest), []
                await self.say("250 ok")
            case "RCPT":
                await self.say("550 unknown" if _address(rest) in self.server.refused else self.took(rest))
            case "DATA":
                return await self.data()
            case "NOOP" | "RSET":
                await self.say("250 ok")
            case "QUIT":
                await self.say("221 bye")
                return False
            case _:
                await self.say("530 no")
        return True

    def greeting(self) -> str:
        offers = ["STARTTLS"] if self.server.tls is not None and not self.secure else []
        offers += ["AUTH PLAIN"] if self.server.login is not None else []
        return "\r\n".join(["250-mail.example.test", *(f"250-{one}" for one in offers), "250 8BITMIME"])

    async def judged(self, rest: str) -> str:
        _, name, password = base64.b64decode(rest.partition(" ")[2]).decode().split("\0")
        self.known = (name, password) == self.server.login
        return "235 welcome" if self.known else f"535 no, not with {password}"

    def took(self, rest: str) -> str:
        self.recipients.append(_address(rest))
        return "250 ok"

    async def data(self) -> bool:
        await self.say("354 go ahead")
        data = await self.reader.readuntil(b"\r\n.\r\n")
        answer = self.server.answers.get(".", "250 taken")
        if answer is None or answer.startswith("250"):
            self.server.keep(self.sender, self.recipients, data.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."))
        if answer is None:
            return False
        await self.say(answer)
        return True


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


@asynccontextmanager
async def smtp_server(server: SmtpServer, *, tls_at_once: bool = False) -> AsyncIterator[SmtpServer]:
    """Run the server on a free port of loopback."""
    context = server.tls if tls_at_once else None
    made = await asyncio.start_server(server.talk, "127.0.0.1", server.port, ssl=context)
    server.port = made.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        made.close()
