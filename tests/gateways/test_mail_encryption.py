"""Mail over encrypted connections, with a password, and never in plain text by surprise."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.gateways.mail import Mail, MailDeferred, SmtpMail
from portal.kernel import clock

LOOPBACK = "127.0.0.1"
MAIL = Mail("<1@teranga.example>", "awa@example.org", "Bonjour", "Salut")
StartServer = Callable[..., int]


class Inbox:
    """Remembers what came and how."""

    def __init__(self) -> None:
        self.taken: list[bytes | str | None] = []
        self.was_encrypted: list[bool] = []
        self.logins: list[LoginPassword] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken.append(envelope.content)
        self.was_encrypted.append(session.ssl is not None)
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        self.logins.append(data)
        return AuthResult(success=data == LoginPassword(b"portal", b"secret"), handled=False)


class MailServer:
    """A mail server on a free port; `ssl_context` encrypts from the first byte, the rest is aiosmtpd's."""

    def __init__(self, inbox: Inbox, *, ssl_context: ssl.SSLContext | None = None, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        # In its own thread from the first step on: a browser of other tests may run a loop in this one.
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        serving = self._loop.create_server(
            lambda: SMTP(inbox, loop=self._loop, **options), LOOPBACK, 0, ssl=ssl_context
        )
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(timeout=10)
        self.port: int = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Stop serving and wait for what is left."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    certified = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "cert.pem").write_bytes(certified.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def server_context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """What the server shows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trust(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """A client that trusts exactly this server's certificate."""
    return ssl.create_default_context(cafile=str(certificate[0]))


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def start(inbox: Inbox) -> Iterator[StartServer]:
    """Start a server with the given options; its port."""
    running: list[MailServer] = []

    def started(**options: Any) -> int:
        running.append(MailServer(inbox, **options))
        return running[-1].port

    yield started
    for server in running:
        server.close()


def authenticated(port: int, trust: ssl.SSLContext, password: str) -> SmtpMail:
    return SmtpMail(
        LOOPBACK,
        port,
        sender="a@example.org",
        tls="starttls",
        tls_context=trust,
        user="portal",
        password=password,
    )


def test_encrypted_from_the_first_byte(
    start: StartServer, server_context: ssl.SSLContext, trust: ssl.SSLContext, inbox: Inbox
) -> None:
    port = start(ssl_context=server_context)
    SmtpMail(LOOPBACK, port, sender="a@example.org", tls="tls", tls_context=trust).send(MAIL)
    assert len(inbox.taken) == 1


def test_encrypted_before_the_password_and_the_mail(
    start: StartServer, server_context: ssl.SSLContext, trust: ssl.SSLContext, inbox: Inbox
) -> None:
    port = start(
        tls_context=server_context,
        require_starttls=True,
        authenticator=inbox.authenticate,
        auth_required=True,
    )
    with authenticated(port, trust, "secret") as mailer:
        mailer.send(MAIL)
        mailer.send(MAIL)
    assert inbox.was_encrypted == [True, True]
    assert inbox.logins == [LoginPassword(b"portal", b"secret")]


def test_a_wrong_password_is_not_the_messages_fault(
    start: StartServer, server_context: ssl.SSLContext, trust: ssl.SSLContext, inbox: Inbox
) -> None:
    port = start(tls_context=server_context, authenticator=inbox.authenticate, auth_required=True)
    with pytest.raises(MailDeferred) as deferred:
        authenticated(port, trust, "wrong").send(MAIL)
    assert deferred.value.code == 535
    assert inbox.taken == []


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_stops_the_mail(
    start: StartServer, server_context: ssl.SSLContext, inbox: Inbox, tls: str
) -> None:
    option = "ssl_context" if tls == "tls" else "tls_context"
    port = start(**{option: server_context})
    with pytest.raises(MailDeferred, match="SSLCertVerificationError"):
        SmtpMail(LOOPBACK, port, sender="a@example.org", tls=tls).send(MAIL)
    assert inbox.taken == []


def test_a_server_that_cannot_encrypt_gets_no_plain_text_instead(
    start: StartServer, trust: ssl.SSLContext, inbox: Inbox
) -> None:
    port = start()
    with pytest.raises(MailDeferred, match="SMTPNotSupportedError"):
        SmtpMail(LOOPBACK, port, sender="a@example.org", tls="starttls", tls_context=trust).send(MAIL)
    assert inbox.taken == []
