"""The outside world: one small protocol, one real client for each provider (wall 5 of the architecture).

The same clients talk to the providers and to the local sandbox; only addresses and keys differ. A client
never retries and never touches the database: its caller owns the claim, the retry and the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from portal.gateways.mail import MailGateway, SmtpMail
from portal.gateways.sms import SmsGateway, TwilioSms
from portal.gateways.wave import WaveClient, WaveGateway
from portal.kernel.settings import Settings

_played: ContextVar[WaveGateway | None] = ContextVar("played_wave", default=None)


@contextmanager
def playing(gateway: WaveGateway) -> Iterator[None]:
    """Let `gateway` be Wave inside the block: the demo world plays months of it within one process."""
    token = _played.set(gateway)
    try:
        yield
    finally:
        _played.reset(token)


def wave(settings: Settings) -> WaveGateway:
    """Mobile money: checkout, payouts, balance and transactions of our Wave wallet."""
    return _played.get() or WaveClient(
        settings.wave_api_url, settings.wave_api_key, settings.wave_signing_secret
    )


def sms(settings: Settings) -> SmsGateway:
    """Text messages through Twilio's API."""
    return TwilioSms(
        settings.sms_api_url, settings.sms_account_sid, settings.sms_auth_token, settings.sms_from
    )


def mail(settings: Settings) -> MailGateway:
    """Mail over SMTP; open it with `with` to send many messages over one connection."""
    return SmtpMail(
        settings.smtp_host,
        settings.smtp_port,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password,
        sender=settings.mail_from,
        reply_to=settings.contact_address,
    )
