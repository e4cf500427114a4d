"""Text messages through Twilio's Messages resource, and the receipts it sends back (messaging contract §1).

Twilio documents no idempotency key: after `SmsUnknownOutcome` the message may exist. Whoever sends decides
by the kind of message whether a possible duplicate or a possible silence is the lesser harm.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

import requests
from urllib3.exceptions import NewConnectionError

from portal.gateways.silence import note_silence

MAX_BODY_LENGTH = 1600
SIGNATURE_HEADER = "X-Twilio-Signature"
_SERVICE_PREFIX = "MG"
_TIMEOUT = (5.0, 30.0)
_TRY_LATER = frozenset({401, 408, 429})
_DEFAULT_PORTS = {"https": 443, "http": 80}


class SmsState(StrEnum):
    """How far a message got, in the one shape of all channels (messaging contract §0)."""

    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"


_STATES = {
    "queued": SmsState.ACCEPTED,
    "accepted": SmsState.ACCEPTED,
    "scheduled": SmsState.ACCEPTED,
    "sending": SmsState.SENT,
    "sent": SmsState.SENT,
    "delivered": SmsState.DELIVERED,
    "read": SmsState.READ,
    "failed": SmsState.FAILED,
    "undelivered": SmsState.FAILED,
    "canceled": SmsState.FAILED,
}


class SmsError(Exception):
    """The message was not taken, or it is not known whether it was. `code` is Twilio's, where it gave one."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message if code is None else f"{code}: {message}")
        self.message = message
        self.code = code


class SmsRefused(SmsError):
    """A final no for this message and number."""


class SmsUnavailable(SmsError):
    """Certainly not taken, and not the message's fault (slow down, bad credentials, no connection)."""

    def __init__(self, message: str, code: int | None = None, *, retry_after: int | None = None) -> None:
        super().__init__(message, code)
        self.retry_after = retry_after


class SmsUnknownOutcome(SmsError):
    """No usable answer: the message may have been taken."""


@dataclass(frozen=True, slots=True)
class SmsReceipt:
    """What Twilio says of one message, at sending or later in a callback."""

    sid: str
    status: str
    state: SmsState
    error_code: int | None = None


class SmsGateway(Protocol):
    """What the portal asks of a text message provider."""

    def send(self, to: str, body: str, *, status_callback: str | None = None) -> SmsReceipt:
        """Hand `body` (1 to 1600 characters) over for the E.164 number `to`; receipts to `status_callback`.

        Raises `SmsRefused` (final), `SmsUnavailable` (try again later) or `SmsUnknownOutcome`.
        """
        ...


class TwilioSms(SmsGateway):
    """`SmsGateway` over Twilio's HTTP API.

    `sender` is a number, a short code, an alphanumeric name, or a messaging service (`MG…`).
    """

    def __init__(
        self,
        base_url: str,
        account_sid: str,
        auth_token: str,
        sender: str,
        http: Callable[[], requests.Session] = requests.Session,
        *,
        timeout: tuple[float, float] = _TIMEOUT,
    ) -> None:
        path = f"/2010-04-01/Accounts/{quote(account_sid, safe='')}/Messages.json"
        self._url = base_url.rstrip("/") + path
        self._credentials = (account_sid, auth_token)
        self._sender = sender
        self._http = http()
        self._timeout = timeout

    def send(self, to: str, body: str, *, status_callback: str | None = None) -> SmsReceipt:
        if not 1 <= len(body) <= MAX_BODY_LENGTH:
            raise SmsRefused(f"a message has 1 to {MAX_BODY_LENGTH} characters")
        is_service = self._sender.startswith(_SERVICE_PREFIX)
        form = {"To": to, "MessagingServiceSid" if is_service else "From": self._sender, "Body": body}
        if status_callback:
            form["StatusCallback"] = status_callback
        try:
            answer = self._http.post(
                self._url,
                data=form,
                auth=self._credentials,
                headers={"Accept": "application/json", "User-Agent": "teranga"},
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            note_silence("twilio", error)
            if _never_connected(error):
                raise SmsUnavailable("no connection") from error
            raise SmsUnknownOutcome(type(error).__name__) from error
        return _read_answer(answer)


def state_of(status: str) -> SmsState:
    """The state that a Twilio status means; a status we do not know is `UNKNOWN`, not an error."""
    return _STATES.get(status, SmsState.UNKNOWN)


def read_receipt(form: Mapping[str, str]) -> SmsReceipt | None:
    """The receipt in a status callback whose signature was checked; None when it names no message."""
    sid = form.get("MessageSid") or form.get("SmsSid")
    status = form.get("MessageStatus") or form.get("SmsStatus")
    if not sid or not status:
        return None
    return SmsReceipt(sid, status, state_of(status), _whole(form.get("ErrorCode")))


def signature(auth_token: str, url: str, params: Iterable[tuple[str, str]] = ()) -> str:
    """Twilio's signature of a callback: `url` as Twilio called it, and the form's fields if it has a form."""
    text = url + "".join(name + value for name, value in sorted(set(params)))
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def form_signature_ok(
    header: str | None, auth_token: str, url: str, params: Iterable[tuple[str, str]]
) -> bool:
    """Whether a form callback is Twilio's. Constant time; `url` is public base + path + query, no header.

    `params` holds every field, repeated ones too. There is no time in it: replays verify, so remove doubles.
    """
    given = (header or "").encode("utf-8", "replace")
    fields = list(params)
    wanted = [signature(auth_token, variant, fields).encode() for variant in _port_variants(url)]
    matches = [hmac.compare_digest(one, given) for one in wanted]
    return any(matches)


def _port_variants(url: str) -> set[str]:
    """The address with and without its default port, because Twilio has signed both forms over time."""
    parts = urlsplit(url)
    port = _DEFAULT_PORTS.get(parts.scheme)
    suffix = f":{port}"
    if port is None:
        return {url}
    if parts.netloc.endswith(suffix):
        return {url, urlunsplit(parts._replace(netloc=parts.netloc.removesuffix(suffix)))}
    return {url} if parts.port else {url, urlunsplit(parts._replace(netloc=parts.netloc + suffix))}


def _never_connected(error: requests.RequestException) -> bool:
    """Whether the request cannot have left: no connection was made at all."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(cause, NewConnectionError)


def _read_answer(answer: requests.Response) -> SmsReceipt:
    data = _json_object(answer)
    status = answer.status_code
    if 200 <= status < 300:
        sid, first_status = data.get("sid"), data.get("status")
        if not isinstance(sid, str) or not isinstance(first_status, str):
            raise SmsUnknownOutcome("the answer names no message")
        return SmsReceipt(sid, first_status, state_of(first_status), _whole(data.get("error_code")))
    code, message = _whole(data.get("code")), str(data.get("message") or f"http-{status}")[:500]
    if status in _TRY_LATER:
        raise SmsUnavailable(message, code, retry_after=_whole(answer.headers.get("Retry-After")))
    if 400 <= status < 500:
        raise SmsRefused(message, code)
    raise SmsUnknownOutcome(message, code)


def _json_object(answer: requests.Response) -> dict[str, Any]:
    try:
        data = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _whole(value: object) -> int | None:
    """A whole number that arrives as a number or as digits; anything else is None."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
