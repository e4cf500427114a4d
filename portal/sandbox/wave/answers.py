"""How Wave says no: the codes, their HTTP statuses, and the body shapes a client must read (contract §3)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

STATUS_BY_CODE: Mapping[str, int] = {
    **dict.fromkeys(("missing-auth-header", "invalid-auth", "api-key-not-provided"), 401),
    **dict.fromkeys(("no-matching-api-key", "api-key-revoked"), 401),
    **dict.fromkeys(("missing-signature", "invalid-signature-format", "invalid-signature"), 401),
    **dict.fromkeys(("invalid-signature-timestamp", "expired-signature-timestamp"), 401),
    **dict.fromkeys(("invalid-wallet", "disabled-wallet", "authorization-error"), 403),
    **dict.fromkeys(("unauthorized-wallet", "ip-not-allowed", "missing-permission", "no-permission"), 403),
    **dict.fromkeys(("request-not-json", "request-parsing-error", "request-validation-error"), 400),
    **dict.fromkeys(("not-found", "checkout-session-not-found"), 404),
    **dict.fromkeys(("idempotency-mismatch", "checkout-session-not-open"), 409),
    **dict.fromkeys(("insufficient-funds", "recipient-account-blocked", "recipient-account-inactive"), 422),
    **dict.fromkeys(("recipient-limit-exceeded", "recipient-minor"), 422),
    **dict.fromkeys(("country-mismatch", "currency-mismatch"), 400),
    **dict.fromkeys(("aggregated-merchant-required", "invalid-aggregated-merchant-id"), 400),
    **dict.fromkeys(("payout-reversal-time-limit-exceeded", "payout-reversal-account-terminated"), 422),
    "method-not-allowed": 405,
    "checkout-refund-failed": 400,
    "too-many-requests": 429,
    "internal-server-error": 500,
    "service-unavailable": 503,
}
PAYMENT_FAILURES = (
    "insufficient-funds",
    "blocked-account",
    "cross-border-payment-not-allowed",
    "customer-age-restricted",
    "kyb-limits-exceeded",
    "payer-mobile-mismatch",
    "payment-failure",
)
SHAPES = ("general", "payout", "string", "nested", "twilio", "text", "none")


class Problem(Exception):
    """A call that Wave answers with an error. `shape` is one of `SHAPES`."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        status: int | None = None,
        shape: str = "general",
        details: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message or f"Wave's words for {code.replace('-', ' ')}."
        self.status = status or STATUS_BY_CODE.get(code, int(HTTPStatus.BAD_REQUEST))
        self.shape = shape
        self.details = details

    def body(self) -> dict[str, Any] | str:
        """The answer's body: JSON, or text for the shapes that are not."""
        if self.shape == "payout":
            return {"error_code": self.code, "error_message": self.message}
        if self.shape == "string":
            return {"error": self.code, "message": self.message}
        if self.shape == "nested":
            return {"error": {"code": self.code, "message": self.message, "httpcode": self.status}}
        if self.shape == "twilio":
            number = int(self.code) if self.code.isdigit() else self.status
            return {"code": number, "message": self.message, "more_info": "", "status": self.status}
        if self.shape == "text":
            return "<html><body>upstream connect error</body></html>"
        if self.shape == "none":
            return ""
        details = {"details": self.details} if self.details else {}
        return {"code": self.code, "message": self.message, **details}
