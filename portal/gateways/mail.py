"""Mail over SMTP, many messages over one connection (messaging contract §7).

The caller names the Message-ID, from its delivery row: it stays the same over retries, so that a mailbox
can merge a message that was taken although the answer was lost.
"""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from types import TracebackType
from typing import Protocol, Self

from portal.gateways.silence import note_silence
from portal.kernel import clock

_TIMEOUT_SECONDS = 30.0
_ONE_LINE = re.compile(r"[^\r\n\x00]+")
_SHAPES = {
    "Message-ID": re.compile(r"<[!-;=?A-~]{1,120}@[!-;=?A-~]{1,120}>"),
    "List-Unsubscribe": re.compile(r"<https?://[!-;=?-~]{1,900}>"),
}
_UNFOLDED = frozenset({"List-Unsubscribe"})
_IDLE_SECONDS = 5.0
_NOT_SPOKEN_TO = (OSError, smtplib.SMTPException)


class _WirePolicy(EmailPolicy):
    """Python folds a long address in List-Unsubscribe into encoded words, which no mail program reads."""

    def fold(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}" if name in _UNFOLDED else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return (
            self.fold(name, value).encode("ascii") if name in _UNFOLDED else super().fold_binary(name, value)
        )


_WIRE = _WirePolicy(linesep="\r\n", cte_type="7bit")


class MailError(Exception):
    """The message was not taken by the mail server. `code` is the SMTP status, where there was one."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message if code is None else f"{code}: {message}")
        self.message = message
        self.code = code


class MailRefused(MailError):
    """A final no for this message (5xx, an impossible address or header)."""


class MailDeferred(MailError):
    """Not now (4xx, no connection, no login): send the same message with the same Message-ID later."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one person. `message_id` with its angle brackets; `unsubscribe_url` takes one POST."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str | None = None
    unsubscribe_url: str | None = None


class MailGateway(Protocol):
    """What the portal asks of a mail server."""

    def __enter__(self) -> Self:
        """Keep the connection that the first `send` opens, until the block ends."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye to the server."""
        ...

    def send(self, mail: Mail) -> None:
        """Hand one message over; nothing later is known of it. Raises `MailRefused` or `MailDeferred`."""
        ...


class SmtpMail(MailGateway):
    """`MailGateway` over SMTP, for one thread. `tls` is none, starttls or tls, never quietly plain text.

    `tls_context` replaces the system's trust, for a server with a certificate of its own authority.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        reply_to: str = "",
        tls: str = "none",
        user: str | None = None,
        password: str | None = None,
        timeout: float = _TIMEOUT_SECONDS,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        if tls not in {"none", "starttls", "tls"}:
            raise ValueError("tls is none, starttls or tls")
        self._host = host
        self._port = port
        self._sender = sender
        self._reply_to = reply_to
        # Without a name to greet with, smtplib asks the network for one, which can take long.
        self._greeting_name = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
        self._tls = tls
        self._user = user
        self._password = password
        self._timeout = timeout
        self._tls_context = tls_context
        self._connection: smtplib.SMTP | None = None
        self._last_used = 0.0
        self._keeps_open = False

    def __enter__(self) -> Self:
        self._keeps_open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keeps_open = False
        self._hang_up()

    def send(self, mail: Mail) -> None:
        message = compose(mail, self._sender, self._reply_to)
        try:
            with self._sorting_errors():
                self._connected().send_message(message)
        finally:
            self._last_used = time.monotonic()
            if not self._keeps_open:
                self._hang_up()

    def _connected(self) -> smtplib.SMTP:
        """The open connection, or a new one when there is none or the server has closed it."""
        if self._connection is not None and self._is_alive(self._connection):
            return self._connection
        self._hang_up()
        try:
            self._connection = self._connect()
        except _NOT_SPOKEN_TO as error:
            note_silence("mail", error)
            raise MailDeferred(f"no connection ({type(error).__name__})", _code(error)) from error
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        context = self._tls_context or ssl.create_default_context()
        if self._tls == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, self._greeting_name, timeout=self._timeout, context=context
            )
        else:
            connection = smtplib.SMTP(self._host, self._port, self._greeting_name, timeout=self._timeout)
        try:
            if self._tls == "starttls":
                connection.starttls(context=context)
            if self._user is not None:
                connection.login(self._user, self._password or "")
        except BaseException:
            connection.close()
            raise
        return connection

    def _is_alive(self, connection: smtplib.SMTP) -> bool:
        """Ask only after a pause: servers close idle connections, and a question costs a round trip."""
        if getattr(connection, "sock", None) is None:
            return False
        if time.monotonic() - self._last_used < _IDLE_SECONDS:
            return True
        try:
            return connection.noop()[0] == 250
        except _NOT_SPOKEN_TO:
            return False

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*_NOT_SPOKEN_TO):
                connection.quit()

    @contextmanager
    def _sorting_errors(self) -> Iterator[None]:
        """Turn what `smtplib` raises into final or not now."""
        try:
            yield
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _refusal(code, text) from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailRefused("the mail server cannot carry this address") from error
        except _NOT_SPOKEN_TO as error:
            self._hang_up()
            note_silence("mail", error)
            raise MailDeferred(f"the connection was lost ({type(error).__name__})") from error


def compose(mail: Mail, sender: str, reply_to: str = "") -> EmailMessage:
    """The message as it goes on the wire: text, HTML beside it, one-click unsubscribe where given.

    Answers go to `reply_to`, where that is not the sender.

    Raises `MailRefused` when a header would break (line break, empty or impossible address or id).
    """
    headers = {"From": sender, "To": mail.to, "Subject": mail.subject, "Message-ID": mail.message_id}
    if reply_to and reply_to != parseaddr(sender)[1]:
        headers["Reply-To"] = reply_to
    if mail.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    broken = [name for name, value in headers.items() if not _SHAPES.get(name, _ONE_LINE).fullmatch(value)]
    if broken:
        raise MailRefused(f"the header {broken[0]} is malformed")
    message = EmailMessage(policy=_WIRE)
    try:
        for name, value in headers.items():
            message[name] = value
        message["Date"] = format_datetime(clock.now())
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        if mail.html is not None:
            message.add_alternative(mail.html, subtype="html")
    except (ValueError, MessageError) as error:
        raise MailRefused("the message cannot be written") from error
    if len(message["To"].addresses) != 1 or message["To"].defects or not message["To"].addresses[0].domain:
        raise MailRefused("the recipient is not one mail address")
    return message


def _refusal(code: int, text: bytes | str) -> MailError:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    kind = MailDeferred if 400 <= code < 500 or code < 0 else MailRefused
    return kind(said[:500], code)


def _code(error: BaseException) -> int | None:
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None
