"""The three ways a call to Wave ends without what was asked for. A caller needs no other."""

from __future__ import annotations

_ABOUT_ACCESS = frozenset({401, 403, 405})


class WaveError(Exception):
    """Wave did not do, or did not say that it did, what was asked."""


class WaveRefused(WaveError):
    """A final no: nothing moved for this attempt. Decide on `code`, never on `message`.

    `status` is the HTTP status; 200 means a payout object that reports `failed`, whose id is `reference`.
    """

    def __init__(self, code: str, message: str, status: int, *, reference: str | None = None) -> None:
        super().__init__(f"{code} ({status}): {message}")
        self.code = code
        self.message = message
        self.status = status
        self.reference = reference

    @property
    def is_about_access(self) -> bool:
        """Whether Wave refused the caller and not the request (key, signature, wallet, address).

        Such a refusal says nothing about an earlier try of the same payout whose outcome is unknown.
        """
        return self.status in _ABOUT_ACCESS


class WaveUnknownOutcome(WaveError):
    """No usable answer (timeout, cut connection, 408, 5xx, unreadable): it may or may not have happened.

    Money out stays pending and is tried again with the same idempotency key, or looked up by reference.
    """


class WaveThrottled(WaveError):
    """Wave asks to slow down (429). Nothing moved; try again after `retry_after` seconds, if it says so."""

    def __init__(self, retry_after: int | None) -> None:
        super().__init__("too many requests")
        self.retry_after = retry_after
