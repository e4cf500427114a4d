"""How the values of this room read on a page; states have their words in one table for all rooms."""

from __future__ import annotations

from datetime import date

from portal.kernel.i18n import _, lazy
from portal.kernel.money import francs
from portal.payments.words import REASON_LABELS
from portal.pots.counting import ARRIVED_LATE
from portal.pots.models import Outcome, PeriodType, Pot, ShareMethod, Visibility

VISIBILITY_LABELS: dict[str, str] = {
    Visibility.PRIVATE: lazy("Only people with the link"),
    Visibility.FRIENDS_ONLY: lazy("Only my connections"),
    Visibility.PUBLIC: lazy("Everybody"),
}
VISIBILITY_NOTES: dict[str, str] = {
    Visibility.PRIVATE: lazy("Not listed anywhere. Best for WhatsApp groups."),
    Visibility.FRIENDS_ONLY: lazy("They sign in to see it."),
    Visibility.PUBLIC: lazy("Also listed among the public pots."),
}
METHOD_LABELS: dict[str, str] = {
    ShareMethod.WHATSAPP: lazy("WhatsApp"),
    ShareMethod.SMS: lazy("Text message"),
    ShareMethod.EMAIL: lazy("E-mail"),
    ShareMethod.SOCIAL: lazy("A group or a network"),
}
OUTCOME_LABELS: dict[str, str] = {
    Outcome.FUNDED: lazy("The target was reached"),
    Outcome.PACK: lazy("It became a pack"),
    Outcome.WALLET: lazy("The money is in the wallet"),
    Outcome.REFUNDED: lazy("The gifts go back to their donors"),
    Outcome.CANCELED: lazy("It was ended without gifts"),
    Outcome.EMPTY: lazy("It ended without gifts"),
}
SIGNAL_LABELS: dict[str, str] = {
    "attempts_from_address": lazy("Unpaid attempts from the same address within the hour"),
    "failures_from_address": lazy("Failed attempts from the same address within the hour"),
    "phones_from_address": lazy("Phone numbers of unpaid attempts from the same address within the hour"),
    "attempts_of_phone": lazy("Unpaid attempts with the same phone number within the hour"),
    "times_usual_amount": lazy("Times the usual amount"),
    "own_pot": lazy("Given by the owner of the pot"),
    "no_browser": lazy("No browser name was sent"),
    ARRIVED_LATE: lazy("Arrived after the pot had ended"),
}
PERIOD_LABELS: dict[str, str] = {
    PeriodType.DAILY: lazy("By day"),
    PeriodType.WEEKLY: lazy("By week"),
    PeriodType.MONTHLY: lazy("By month"),
}

# What every page of this room may need.
PAGE_WORDS: dict[str, object] = {
    "visibility_labels": VISIBILITY_LABELS,
    "visibility_notes": VISIBILITY_NOTES,
    "method_labels": METHOD_LABELS,
    "outcome_labels": OUTCOME_LABELS,
    "signal_labels": SIGNAL_LABELS,
    "period_labels": PERIOD_LABELS,
    "reason_labels": REASON_LABELS,
}


def usual_title(first_name: str, born: date, birthday: date) -> str:
    """What a pot is called when nobody has thought of anything better."""
    return _("%(name)s turns %(age)s", name=first_name, age=birthday.year - born.year)


def raised_words(pot: Pot) -> str:
    """What the pot has collected and what it wishes for: `9 000 F CFA of 15 000 F CFA`."""
    return _(
        "%(raised)s of %(target)s",
        raised=francs(pot.collected_minor),
        target=francs(pot.target_amount_minor),
    )


def end_words(pot: Pot) -> str:
    """What ending the pot now means for its money."""
    if pot.collected_minor == 0:
        return _("Nobody can give any more. Nothing has been given so far.")
    if pot.collected_minor < pot.target_amount_minor:
        return _(
            "Nobody can give any more. You then have a few days to choose a pack that %(amount)s can pay; "
            "after that every gift goes back to its donor.",
            amount=francs(pot.collected_minor),
        )
    return _(
        "Nobody can give any more. You then have a few days to choose your pack; after that %(amount)s go to "
        "your wallet.",
        amount=francs(pot.collected_minor),
    )
