"""The Wave Business API over HTTPS (contract §1 to §8).

One call in, one typed answer or one of three errors out. Nothing is retried here: the caller repeats a
payout with the same idempotency key and the same values, which gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote

import requests

from portal.gateways.silence import note_silence
from portal.gateways.wave import reading
from portal.gateways.wave.errors import WaveRefused, WaveThrottled, WaveUnknownOutcome
from portal.gateways.wave.gateway import PayoutOrder, WaveGateway
from portal.gateways.wave.records import (
    Balance,
    Batch,
    Payout,
    PayoutStatus,
    RecipientCheck,
    Session,
    Transaction,
)
from portal.gateways.wave.signature import HEADER as SIGNATURE_HEADER
from portal.gateways.wave.signature import signed_header
from portal.kernel import clock
from portal.kernel.money import XOF

T = TypeVar("T")
Json = dict[str, Any]

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
MAX_BATCH = 100
_MAX_KEY_LENGTH = 255
_MAX_RETRY_AFTER_SECONDS = 86_400


class WaveClient(WaveGateway):
    """`WaveGateway` over HTTP. `http` makes the connection pool; `timeout` is (connect, read) seconds."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        signing_secret: str | None = None,
        http: Callable[[], requests.Session] = requests.Session,
        *,
        timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._signing_secret = signing_secret
        self._http = http()
        self._timeout = timeout

    def create_session(
        self,
        *,
        amount: int,
        success_url: str,
        error_url: str,
        client_reference: str,
        currency: str = XOF,
        restrict_payer_mobile: str | None = None,
    ) -> Session:
        body = {
            "amount": str(amount),
            "currency": currency,
            "success_url": success_url,
            "error_url": error_url,
            "client_reference": client_reference,
            "restrict_payer_mobile": restrict_payer_mobile,
        }
        return self._read(reading.read_session, "POST", "/v1/checkout/sessions", body=body)

    def get_session(self, session_id: str) -> Session:
        return self._read(reading.read_session, "GET", f"/v1/checkout/sessions/{_segment(session_id)}")

    def get_session_by_transaction(self, transaction_id: str) -> Session:
        query = {"transaction_id": transaction_id}
        return self._read(reading.read_session, "GET", "/v1/checkout/sessions", query=query)

    def search_sessions(self, client_reference: str) -> list[Session]:
        return self._search(reading.read_session, "/v1/checkout/sessions/search", client_reference)

    def expire_session(self, session_id: str) -> None:
        self._call("POST", f"/v1/checkout/sessions/{_segment(session_id)}/expire")

    def refund_session(self, session_id: str) -> None:
        self._call("POST", f"/v1/checkout/sessions/{_segment(session_id)}/refund")

    def create_payout(self, order: PayoutOrder, *, idempotency_key: str) -> Payout:
        body = _payout_body(order)
        payout = self._read(reading.read_payout, "POST", "/v1/payout", body=body, key=idempotency_key)
        if payout.status is PayoutStatus.FAILED:
            code = payout.error.code if payout.error else "payout-failed"
            message = payout.error.message if payout.error else ""
            raise WaveRefused(code, message, 200, reference=payout.id)
        return payout

    def get_payout(self, payout_id: str) -> Payout:
        return self._read(reading.read_payout, "GET", f"/v1/payout/{_segment(payout_id)}")

    def search_payouts(self, client_reference: str) -> list[Payout]:
        return self._search(reading.read_payout, "/v1/payouts/search", client_reference)

    def create_payout_batch(self, orders: Sequence[PayoutOrder], *, idempotency_key: str) -> str:
        if not 1 <= len(orders) <= MAX_BATCH:
            raise ValueError(f"a batch has 1 to {MAX_BATCH} payouts")
        body = {"payouts": [_payout_body(order) for order in orders]}
        return self._read(reading.read_id, "POST", "/v1/payout-batch", body=body, key=idempotency_key)

    def get_payout_batch(self, batch_id: str) -> Batch:
        return self._read(reading.read_batch, "GET", f"/v1/payout-batch/{_segment(batch_id)}")

    def reverse_payout(self, payout_id: str, *, idempotency_key: str) -> None:
        self._call("POST", f"/v1/payout/{_segment(payout_id)}/reverse", key=idempotency_key)

    def verify_recipient(
        self,
        mobile: str,
        *,
        name: str | None = None,
        national_id: str | None = None,
        amount: int | None = None,
        currency: str = XOF,
    ) -> RecipientCheck:
        body: Json = {"mobile": mobile, "name": name, "national_id": national_id}
        if amount is not None:
            body |= {"amount": str(amount), "currency": currency}
        return self._read(reading.read_recipient_check, "POST", "/v1/verify_recipient/", body=body)

    def get_balance(self) -> Balance:
        return self._read(reading.read_balance, "GET", "/v1/balance")

    def transactions(self, day: date) -> Iterator[Transaction]:
        query = {"date": day.isoformat()}
        while True:
            page = self._read(reading.read_transaction_page, "GET", "/v1/transactions", query=query)
            yield from page.items
            if page.end_cursor is None:
                return
            if page.end_cursor == query.get("after"):
                raise WaveUnknownOutcome("the list of transactions does not end")
            query["after"] = page.end_cursor

    def refund_transaction(self, transaction_id: str) -> None:
        self._call("POST", f"/v1/transactions/{_segment(transaction_id)}/refund")

    def _search(self, read: Callable[[Json], T], path: str, client_reference: str) -> list[T]:
        def read_all(answer: Json) -> list[T]:
            return [read(item) for item in reading.read_list(answer, "result")]

        return self._read(read_all, "GET", path, query={"client_reference": client_reference})

    def _read(
        self,
        read: Callable[[Json], T],
        method: str,
        path: str,
        *,
        body: Json | None = None,
        query: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> T:
        """Call, then read the answer; an answer that cannot be read leaves the outcome unknown."""
        content = self._call(method, path, body=body, query=query, key=key)
        try:
            return read(reading.read_object(content))
        except reading.Unreadable as error:
            raise WaveUnknownOutcome(str(error)) from error

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: Json | None = None,
        query: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> bytes:
        """The bytes of a 2xx answer; every other end is one of the three errors."""
        headers = {"Accept": "application/json", "User-Agent": "teranga"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = _checked_key(key)
        try:
            answer = self._http.request(
                method,
                self._base_url + path,
                params=query,
                data=None if body is None else _serialised(body),
                headers=headers,
                auth=self._authorise,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            note_silence("wave", error)
            raise WaveUnknownOutcome(type(error).__name__) from error
        _refuse_errors(answer)
        return answer.content

    def _authorise(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the key, and the signature over the very bytes that are about to be sent (contract §2)."""
        request.headers["Authorization"] = f"Bearer {self._api_key}"
        if self._signing_secret:
            content = request.body or b""
            raw = content if isinstance(content, bytes) else content.encode()
            request.headers[SIGNATURE_HEADER] = signed_header([self._signing_secret], raw, clock.now())
        return request


def _refuse_errors(answer: requests.Response) -> None:
    """Sort an answer that is not a success into final, slow down, or unknown (contract §3 and §4)."""
    status = answer.status_code
    if 200 <= status < 300:
        return
    if status == requests.codes.too_many_requests:
        raise WaveThrottled(_seconds(answer.headers.get("Retry-After")))
    failure = reading.read_failure(status, answer.content)
    if 400 <= status < 500 and status != requests.codes.request_timeout:
        raise WaveRefused(failure.code, failure.message, status)
    raise WaveUnknownOutcome(f"{failure.code} ({status}): {failure.message}")


def _payout_body(order: PayoutOrder) -> Json:
    return {
        "currency": order.currency,
        "receive_amount": str(order.receive_amount),
        "mobile": order.mobile,
        "name": order.name,
        "national_id": order.national_id,
        "payment_reason": order.payment_reason,
        "client_reference": order.client_reference,
    }


def _serialised(body: Json) -> bytes:
    """The one serialisation that is signed and sent; fields without a value are left out, at every level."""
    return json.dumps(_present(body), ensure_ascii=False, separators=(",", ":")).encode()


def _present(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _present(item) for name, item in value.items() if item is not None}
    return [_present(item) for item in value] if isinstance(value, list) else value


def _checked_key(key: str) -> str:
    if not (1 <= len(key) <= _MAX_KEY_LENGTH and key.isascii() and key.isprintable()):
        raise ValueError("an idempotency key has 1 to 255 printable ASCII characters")
    return key


def _seconds(header: str | None) -> int | None:
    text = (header or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    return min(int(text), _MAX_RETRY_AFTER_SECONDS)


def _segment(identifier: str) -> str:
    """An id as one part of a path, whatever is in it."""
    return quote(identifier, safe="")
