"""Handing a claimed batch to the providers; no transaction is open and no thread touches the session."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context

import structlog
from flask import current_app

from portal import gateways
from portal.gateways.mail import MailDeferred, MailError, MailGateway, MailRefused
from portal.gateways.sms import SmsError, SmsGateway, SmsRefused, SmsUnknownOutcome
from portal.kernel import clock
from portal.kernel.pages import public_url
from portal.kernel.settings import Settings
from portal.notifications.deliveries import EXPIRED, Outcome, Parcel
from portal.notifications.mails import mail_for
from portal.notifications.models import Category, Channel

_SMS_AT_ONCE = 4
# After so many failed connections in a row the rest of a batch does not wait for the same silence.
_GIVE_UP_AFTER = 2
_SMTP = "smtp"
_TWILIO = "twilio"

log = structlog.get_logger(__name__)


@contextmanager
def courier() -> Iterator[Courier]:
    """A courier with one mail connection and a few threads for text messages, closed at the end."""
    settings: Settings = current_app.config["SETTINGS"]
    with (
        gateways.mail(settings) as mail,
        ThreadPoolExecutor(_SMS_AT_ONCE, thread_name_prefix="sms") as threads,
    ):
        yield Courier(settings, mail, threads)


class Courier:
    """Hands parcels over, one outcome for each, whatever happens."""

    def __init__(self, settings: Settings, mail: MailGateway, threads: ThreadPoolExecutor) -> None:
        self._settings = settings
        self._mail = mail
        self._threads = threads
        self._of_thread = threading.local()

    def hand_over(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Text messages beside each other, mails one after the other."""
        moment = clock.now()
        fresh = [parcel for parcel in parcels if parcel.expires_at is None or parcel.expires_at > moment]
        kept = {parcel.id for parcel in fresh}
        outcomes = [_expired(parcel) for parcel in parcels if parcel.id not in kept]
        texts = [self._start_text(parcel) for parcel in fresh if parcel.channel is Channel.SMS]
        outcomes += self._send_mails([parcel for parcel in fresh if parcel.channel is Channel.EMAIL])
        return outcomes + [text.result() for text in texts]

    def _start_text(self, parcel: Parcel) -> Future[Outcome]:
        callback = public_url(f"/webhooks/sms?delivery={parcel.id}")
        return self._threads.submit(copy_context().run, self._send_text, parcel, callback)

    def _send_text(self, parcel: Parcel, callback: str) -> Outcome:
        try:
            receipt = self._sms_gateway().send(parcel.address, parcel.body, status_callback=callback)
        except SmsError as error:
            log.warning(
                "sms_not_taken", delivery_id=str(parcel.id), code=error.code, kind=type(error).__name__
            )
            return _failed(parcel, _TWILIO, error, error.code, is_final=_is_final(parcel, error))
        return Outcome(parcel, clock.now(), _TWILIO, message_id=receipt.sid)

    def _sms_gateway(self) -> SmsGateway:
        """One gateway for each thread: connections are not shared between threads."""
        if not hasattr(self._of_thread, "gateway"):
            self._of_thread.gateway = gateways.sms(self._settings)
        gateway: SmsGateway = self._of_thread.gateway
        return gateway

    def _send_mails(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        silences = 0
        for parcel in parcels:
            if silences >= _GIVE_UP_AFTER:
                outcomes.append(_failed(parcel, _SMTP, MailDeferred("the mail server does not answer"), None))
                continue
            outcome = self._send_mail(parcel)
            silences = silences + 1 if outcome.error_code == MailDeferred.__name__ else 0
            outcomes.append(outcome)
        return outcomes

    def _send_mail(self, parcel: Parcel) -> Outcome:
        mail = mail_for(parcel)
        try:
            self._mail.send(mail)
        except MailError as error:
            log.warning(
                "mail_not_taken", delivery_id=str(parcel.id), code=error.code, kind=type(error).__name__
            )
            return _failed(parcel, _SMTP, error, error.code, is_final=isinstance(error, MailRefused))
        return Outcome(parcel, clock.now(), _SMTP, message_id=mail.message_id)


def _failed(
    parcel: Parcel, provider: str, error: MailError | SmsError, code: int | None, *, is_final: bool = False
) -> Outcome:
    return Outcome(
        parcel,
        clock.now(),
        provider,
        error_code=str(code) if code is not None else type(error).__name__,
        error_message=error.message[:500] or type(error).__name__,
        is_final=is_final,
    )


def _expired(parcel: Parcel) -> Outcome:
    """Its time is over: a code nobody can use any more is not sent."""
    return Outcome(
        parcel,
        clock.now(),
        "none",
        error_code=EXPIRED,
        error_message="its time was over before it was sent",
        is_final=True,
    )


def _is_final(parcel: Parcel, error: SmsError) -> bool:
    """A doubled sign-in code harms nobody, a doubled receipt does: without an answer only codes go again."""
    if isinstance(error, SmsUnknownOutcome):
        return parcel.category is not Category.SECURITY
    return isinstance(error, SmsRefused)
