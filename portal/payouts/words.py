"""How the values of this room read on a page; states have their words in one table for all rooms."""

from __future__ import annotations

from portal.gateways.wave import NameMatch
from portal.kernel.i18n import lazy
from portal.payments.methods import NOT_SAID, REFUSED

# What Wave said of a destination (None: not yet), and the tone of its badge.
VERDICTS: dict[str | None, tuple[str, str]] = {
    None: (lazy("Wave is being asked"), "neutral"),
    NameMatch.MATCH: (lazy("Wave knows this name on this number"), "positive"),
    NameMatch.NO_MATCH: (lazy("Wave knows another name on this number"), "negative"),
    NameMatch.NAME_NOT_KNOWN: (lazy("Wave does not know whose number this is"), "notice"),
    NameMatch.UNKNOWN: (lazy("Wave's answer is not clear"), "notice"),
    NOT_SAID: (lazy("Wave's answer is not clear"), "notice"),
    REFUSED: (lazy("Wave cannot pay this number"), "negative"),
}
# Why Wave did not pay, by its own code.
REFUSALS: dict[str, str] = {
    "country-mismatch": lazy("The number belongs to another country."),
    "insufficient-funds": lazy("Our own Wave account does not hold enough."),
    "payout-reversed": lazy("Wave took this payment back."),
    "payment-failure": lazy("Wave could not carry out the payment."),
    "recipient-account-blocked": lazy("Wave has blocked the account of this number."),
    "recipient-account-inactive": lazy("This number has no active Wave account."),
    "recipient-limit-exceeded": lazy("The account of this number has reached its Wave limit."),
    "recipient-minor": lazy("Wave does not pay this amount to a minor."),
}
# What was done with a destination, by its line in the audit trail.
CHANGES: dict[str, str] = {
    "destination_saved": lazy("Chosen"),
}
