"""A provider whose encryption fails is left, and a line says so (ASVS 16.3.4)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import pytest
import structlog

from portal.gateways import silence
from portal.gateways.mail import Mail, MailDeferred, SmtpMail
from portal.gateways.providers import ProviderUnavailable, begin
from portal.gateways.sms import SmsUnknownOutcome, TwilioSms
from portal.gateways.wave import WaveClient, WaveUnknownOutcome
from portal.kernel.providers import IdentityProvider

_MAIL = Mail("<1@teranga.example>", "awa@example.org", "Bonjour", "Salut")


@pytest.fixture
def port() -> Iterator[int]:
    """Where somebody answers who knows no encryption."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def babble() -> None:
            with suppress(OSError):
                while True:
                    with closing(server.accept()[0]) as line:
                        line.sendall(b"this is no TLS at all, whatever you say\r\n" * 20)

        thread = threading.Thread(target=babble, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=20)


def _wave(port: int) -> None:
    WaveClient(f"https://127.0.0.1:{port}", "wave_sn_key").get_balance()


def _sms(port: int) -> None:
    TwilioSms(f"https://127.0.0.1:{port}", "AC1", "token", "Teranga").send("+221771234567", "Bonjour")


def _mail(port: int) -> None:
    SmtpMail("127.0.0.1", port, sender="bonjour@teranga.example", tls="tls").send(_MAIL)


def _provider(port: int) -> None:
    begin(
        IdentityProvider("google", f"https://127.0.0.1:{port}", "", "teranga"), "https://teranga.example/back"
    )


@pytest.mark.parametrize(
    ("call", "ending", "provider"),
    [
        (_wave, WaveUnknownOutcome, "wave"),
        (_sms, SmsUnknownOutcome, "twilio"),
        (_mail, MailDeferred, "mail"),
        (_provider, ProviderUnavailable, "google"),
    ],
)
def test_a_connection_that_cannot_be_encrypted_is_left_and_told(
    monkeypatch: pytest.MonkeyPatch,
    port: int,
    call: Callable[[int], None],
    ending: type[Exception],
    provider: str,
) -> None:
    # A logger keeps the processors of its first use.
    monkeypatch.setattr(silence, "log", structlog.get_logger())
    with structlog.testing.capture_logs() as lines, pytest.raises(ending):
        call(port)

    assert [(line["event"], line["provider"], line["error"]) for line in lines] == [
        ("provider_away", provider, "SSLError")
    ]
