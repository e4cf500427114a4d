"""Why the ledger refuses."""

from __future__ import annotations

from portal.kernel.errors import Conflict
from portal.kernel.i18n import _


class InsufficientFunds(Conflict):
    """The account holds less than the transfer takes; nothing was moved."""

    def __init__(self) -> None:
        super().__init__(_("There is not enough on this account for that amount."))


class IdempotencyMismatch(RuntimeError):
    """One idempotency key was used for two different movements: a programming error, never retried."""


class UnbalancedTransfer(ValueError):
    """The legs of a transfer do not sum to zero, mix units or repeat an account: a programming error."""
