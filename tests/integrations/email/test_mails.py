"""Mails against a real SMTP server on loopback: what arrives, and what each refusal means."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from core.clock import ManualClock
from core.errors import AddressRefused, CredentialsRefused, OutcomeUnknown, Refused, TemporarilyUnavailable, Unreachable
from integrations.contract import ModuleContext, Notice, Notifier
from integrations.email import EmailConnection, register
from integrations.http import HttpClient
from tests.kit.smtp import SmtpServer, smtp_server

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LOGIN = ("chimera@azul.test", "invented-Pw-77")
CONTEXT = ModuleContext("Mail", ManualClock(NOW), HttpClient)


def notice(title: str = "Daily sync: partial", *lines: str) -> Notice:
    return Notice("n-1", "partial", title, lines or ("2 of 3 stores are verified.",), NOW)


def mailer(port: int, **changes: Any) -> EmailConnection:
    settings = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "chimera@azul.test"}
    settings |= {"recipients": ["ana@azul.test", "rui@azul.test"], "timeout_seconds": 3, **changes}
    connection = register().connect(register().Settings.model_validate(settings), CONTEXT)
    assert isinstance(connection, EmailConnection)
    assert isinstance(connection, Notifier)
    return connection


def plain_and_html(mail: Any) -> tuple[str, str]:
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    return text.get_content(), html.get_content()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_a_notice_arrives_at_everybody_as_text_and_html() -> None:
    async with smtp_server(SmtpServer(login=LOGIN)) as server:
        await mailer(server.port, username=LOGIN[0], password=LOGIN[1]).notify(notice())

    (mail,) = server.mails
    assert server.envelopes == [("chimera@azul.test", ["ana@azul.test", "rui@azul.test"])]
    assert mail["Subject"] == "Daily sync: partial"
    assert mail["To"] == "ana@azul.test, rui@azul.test"
    assert mail["Message-ID"] == "<n-1@azul.test>"
    assert mail["Date"].datetime == NOW
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = plain_and_html(mail)
    assert text.splitlines() == ["Daily sync: partial", "", "2 of 3 stores are verified."]
    assert "<p>2 of 3 stores are verified.</p>" in html
    assert '<body style="overflow-wrap: anywhere">' in html


@pytest.mark.parametrize(
    "title",
    [
        "Sync\r\nBcc: thief@evil.test\r\n\r\nbody",
        "Sync\nBcc: thief@evil.test",
        "Sync\u2028Bcc: thief@evil.test",
        "Sync\x00\x0b\x0cBcc: thief@evil.test",
        "a" * 5000 + "\r\nBcc: thief@evil.test",
        "\ud800 half an emoji \u202e reversed",
        "💊 Promoção — “ação” " * 40,
    ],
)
async def test_no_title_adds_a_header_or_a_recipient(title: str) -> None:
    async with smtp_server(SmtpServer()) as server:
        await mailer(server.port).notify(notice(title))

    (mail,) = server.mails
    assert mail["Bcc"] is None
    assert server.envelopes == [("chimera@azul.test", ["ana@azul.test", "rui@azul.test"])]
    assert not any(sign in mail["Subject"] for sign in "\r\n\0\u2028\u202e")
    assert len(mail["Subject"]) <= 200


async def test_values_are_no_markup_and_no_line_ends_the_mail_early() -> None:
    hostile = ["<script>alert(1)</script> & <b>", ".", "..dots", "x" * 3000, "\0 nul", "\r\n.\r\nMAIL FROM:<a@b.test>"]
    async with smtp_server(SmtpServer()) as server:
        await mailer(server.port).notify(notice("Title <i>", *hostile))

    (mail,) = server.mails
    text, html = plain_and_html(mail)
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in html
    assert {".", "..dots", "x" * 3000} <= set(text.splitlines())
    assert server.verbs.count("MAIL") == 1


async def test_a_wrong_password_is_a_refused_login_and_is_shown_nowhere() -> None:
    async with smtp_server(SmtpServer(login=LOGIN)) as server:
        connection = mailer(server.port, username=LOGIN[0], password="wrong-Pw-1234")
        with pytest.raises(CredentialsRefused) as caught:
            await connection.notify(notice())

    assert "wrong-Pw-1234" not in f"{caught.value!r} {caught.value.detail} {connection!r}"
    assert server.mails == []


@pytest.mark.parametrize(
    ("verb", "answer", "error"),
    [
        ("EHLO", "421 too many", TemporarilyUnavailable),
        ("MAIL", "451 later", TemporarilyUnavailable),
        ("MAIL", "550 not you", Refused),
        ("RCPT", "451 greylisted", TemporarilyUnavailable),
        ("RCPT", "550 nobody here", Refused),
        (".", "452 full", TemporarilyUnavailable),
        (".", "554 spam", Refused),
        (".", None, OutcomeUnknown),
        ("DATA", None, OutcomeUnknown),
    ],
)
async def test_what_the_server_says_tells_whether_to_try_again(
    verb: str, answer: str | None, error: type[Exception]
) -> None:
    async with smtp_server(SmtpServer(answers={verb: answer, "HELO": answer})) as server:
        with pytest.raises(error) as caught:
            await mailer(server.port).notify(notice())

    assert f"127.0.0.1:{server.port}" in str(caught.value)
    assert (answer or "nobody says this")[4:] not in str(caught.value), "Answers are never echoed"


async def test_a_mail_that_one_of_two_gets_counts_as_not_delivered_and_names_the_other() -> None:
    async with smtp_server(SmtpServer(refused={"rui@azul.test"})) as server:
        with pytest.raises(Refused, match=r"rui@azul\.test"):
            await mailer(server.port).notify(notice())

    assert server.envelopes == [("chimera@azul.test", ["ana@azul.test"])]


async def test_the_connection_is_encrypted_before_the_password_goes(
    certificate: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with smtp_server(SmtpServer(login=LOGIN, tls=tls)) as server:
        await mailer(server.port, security="starttls", username=LOGIN[0], password=LOGIN[1]).notify(notice())

    assert server.verbs.index("STARTTLS") < server.verbs.index("AUTH")
    assert len(server.mails) == 1


async def test_tls_from_the_start_works_too(
    certificate: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with smtp_server(SmtpServer(tls=tls), tls_at_once=True) as server:
        await mailer(server.port, security="tls").notify(notice())

    assert len(server.mails) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_an_unknown_certificate_gets_no_password(tls: ssl.SSLContext, security: str) -> None:
    async with smtp_server(SmtpServer(login=LOGIN, tls=tls), tls_at_once=security == "tls") as server:
        with pytest.raises(Refused, match="certificate"):
            await mailer(server.port, security=security, username=LOGIN[0], password=LOGIN[1]).notify(notice())

    assert "AUTH" not in server.verbs


async def test_a_server_without_encryption_gets_no_password() -> None:
    async with smtp_server(SmtpServer(login=LOGIN)) as server:
        with pytest.raises(Refused, match="encryption"):
            await mailer(server.port, security="starttls", username=LOGIN[0], password=LOGIN[1]).notify(notice())

    assert "AUTH" not in server.verbs


async def test_a_closed_port_is_unreachable() -> None:
    async with smtp_server(SmtpServer()) as server:
        pass
    with pytest.raises(Unreachable, match=f"127.0.0.1:{server.port}"):
        await mailer(server.port).probe()


@pytest.mark.parametrize("host", ["169.254.169.254", "0.0.0.0"])
def test_a_metadata_address_cannot_be_saved(host: str) -> None:
    with pytest.raises(ValidationError, match="never called"):
        mailer(25, host=host)


async def test_a_name_that_leads_to_a_refused_address_is_not_called() -> None:
    with pytest.raises(AddressRefused):
        await mailer(25, host="0").probe()


async def test_a_probe_logs_in_and_sends_nothing() -> None:
    async with smtp_server(SmtpServer(login=LOGIN)) as server:
        probe = await mailer(server.port, username=LOGIN[0], password=LOGIN[1]).probe()

    assert probe.reached == f"127.0.0.1:{server.port}"
    assert server.mails == []


@pytest.mark.parametrize(
    "changes",
    [
        {"username": "only-a-name"},
        {"password": "only-a-password"},
        {"recipients": []},
        {"recipients": ["ana@azul.test\r\nRCPT TO:<thief@evil.test>"]},
        {"sender": "Chimera <chimera@azul.test>"},
        {"timeout_seconds": 0},
        {"host": "mail.azul.test\r\nQUIT"},
    ],
)
def test_settings_that_could_not_work_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        mailer(25, **changes)


@pytest.mark.parametrize(
    ("given", "home", "shown"),
    [
        ("", "Mercado Azul", "Mercado Azul"),
        ("Ofertas da Azul", "Mercado Azul", "Ofertas da Azul"),
        ("", 'Rede "Zé" <x@y>, São João', 'Rede "Zé" <x@y>, São João'),
        ("", "Azul\r\nBcc: eve@x.test", "Azul Bcc: eve@x.test"),
        ("", "", ""),
    ],
)
async def test_a_mail_comes_in_the_name_of_the_chain_or_one_of_its_own(given: str, home: str, shown: str) -> None:
    async with smtp_server(SmtpServer()) as server:
        said = await mailer(server.port, sender_name=given).notify(replace(notice(), organisation=home))

    (mail,) = server.mails
    (address,) = mail["From"].addresses
    assert (address.display_name, address.addr_spec) == (shown, "chimera@azul.test")
    assert mail["Bcc"] is None
    assert "ana@azul.test" in str(said)
