"""What security events are called, what each means, and what to do about it."""

from __future__ import annotations

from typing import NamedTuple

from portal.identity.models import Severity
from portal.identity.undoing import Undone
from portal.kernel.i18n import lazy


class EventWords(NamedTuple):
    """The name of an event, and what its holder should do when it was not they."""

    title: str
    advice: str


_NOTHING = lazy("There is nothing for you to do.")
_PASSWORD = lazy("It was not you? Choose a new password, and end all other sessions.")
_WHY = lazy("You do not know why? [[Write to us]].")
_SESSIONS = lazy("It was not you? End all other sessions, choose a new password, and [[write to us]].")

_CONTACT = lazy(
    "It was not you? Take it back with the link that was sent to the earlier one, and [[write to us]]."
)

EVENTS: dict[str, EventWords] = {
    "account_locked": EventWords(
        lazy("Locked after wrong passwords"),
        lazy("It was not you? Somebody tries to guess your password. Make sure that it is a long one."),
    ),
    "account_reopened": EventWords(lazy("The account was opened again by our team"), _NOTHING),
    "account_suspended": EventWords(lazy("The account was suspended by our team"), _WHY),
    "account_unlocked": EventWords(lazy("Lock opened by our team"), _NOTHING),
    "account_unlocked_by_link": EventWords(lazy("Lock opened with the link from a mail"), _PASSWORD),
    "codes_guarded": EventWords(
        lazy("Codes by SMS have more digits for now, after many wrong ones"),
        lazy(
            "It was not you? Somebody tries to guess a code. Nobody came in, and you can sign in as before."
        ),
    ),
    "company_place_given": EventWords(
        lazy("A place in a sponsor company was given"),
        lazy("You do not know the company? Leave it, and [[write to us]]."),
    ),
    "company_place_changed": EventWords(lazy("The role in a sponsor company was changed"), _NOTHING),
    "company_place_ended": EventWords(lazy("The place in a sponsor company was ended"), _NOTHING),
    "partner_place_given": EventWords(
        lazy("A place in a partner's team was given"),
        lazy("You do not know the business? Leave it, and [[write to us]]."),
    ),
    "partner_place_changed": EventWords(lazy("The role in a partner's team was changed"), _NOTHING),
    "partner_place_ended": EventWords(lazy("The place in a partner's team was ended"), _NOTHING),
    "device_removed": EventWords(lazy("A device was removed"), _NOTHING),
    "export_asked": EventWords(lazy("A copy of all my data was asked for"), _SESSIONS),
    "export_fetched": EventWords(lazy("The copy of all my data was fetched"), _SESSIONS),
    "leaving_asked": EventWords(lazy("The deletion of the account was asked for"), _PASSWORD),
    "leaving_taken_back": EventWords(lazy("The account stays: its deletion was taken back"), _PASSWORD),
    "calendar_link_ended": EventWords(lazy("The secret link of the calendar was ended"), _NOTHING),
    "calendar_link_made": EventWords(
        lazy("A secret link to the calendar was made"),
        lazy("It was not you? Switch the calendar off in the settings, and end all other sessions."),
    ),
    "duties_changed": EventWords(lazy("The duties in our team were changed"), _NOTHING),
    "email_changed": EventWords(lazy("The e-mail address was changed"), _CONTACT),
    "email_taken_back": EventWords(lazy("The change of the e-mail address was taken back"), _PASSWORD),
    "phone_changed": EventWords(lazy("The number was changed"), _CONTACT),
    "phone_taken_back": EventWords(lazy("The change of the number was taken back"), _PASSWORD),
    "provider_linked": EventWords(lazy("A service that opens the account was linked"), _SESSIONS),
    "provider_unlinked": EventWords(lazy("A service that opened the account was unlinked"), _SESSIONS),
    "looked_at_by_staff": EventWords(
        lazy("Our team looked at the portal as you see it, without changing anything"), _NOTHING
    ),
    "new_device": EventWords(lazy("Signed in from a new device"), _SESSIONS),
    "staff_work_moved": EventWords(lazy("Staff work went on from another network"), _SESSIONS),
    "staff_work_elsewhere": EventWords(lazy("Staff work was ended: another browser used it"), _SESSIONS),
    "staff_work_revoked": EventWords(lazy("A session of staff work was ended by a super admin"), _WHY),
    "guardianship_over": EventWords(lazy("A guardian answers for a young person no more"), _WHY),
    "paper_handed_in": EventWords(lazy("An identity paper was handed in"), _SESSIONS),
    "paper_refused": EventWords(lazy("An identity paper was refused"), _NOTHING),
    "paper_verified": EventWords(lazy("An identity paper was verified"), _NOTHING),
    "passkey_added": EventWords(lazy("A passkey was added"), _SESSIONS),
    "passkey_copied": EventWords(
        lazy("A passkey that somebody has copied was refused"),
        lazy("Remove this passkey at once, and make a new one."),
    ),
    "passkey_renamed": EventWords(lazy("A passkey was renamed"), _SESSIONS),
    "passkey_removed": EventWords(lazy("A passkey was removed"), _SESSIONS),
    "password_changed": EventWords(lazy("Password changed"), _PASSWORD),
    "proof_refused": EventWords(lazy("Somebody could not confirm that it was you"), _SESSIONS),
    "rights_given": EventWords(lazy("Administrator rights were granted"), _WHY),
    "rights_taken": EventWords(lazy("Administrator rights were revoked"), _NOTHING),
    "recovery_code_used": EventWords(
        lazy("A recovery code was used"),
        lazy("It was not you? Make new recovery codes at once, and choose a new password."),
    ),
    "recovery_codes_renewed": EventWords(lazy("New recovery codes"), _SESSIONS),
    "second_factor_off": EventWords(lazy("Second step switched off"), _SESSIONS),
    "second_factor_on": EventWords(lazy("Second step switched on"), _SESSIONS),
    "second_step_locked": EventWords(
        lazy("Many wrong codes after the right password"),
        lazy("It was not you? Somebody knows your password. Choose a new one at once."),
    ),
    "session_ended": EventWords(lazy("A session was ended"), _NOTHING),
    "sessions_ended": EventWords(lazy("All other sessions were ended"), _NOTHING),
}

UNDONE: dict[str, str] = {
    Undone.EMAIL: lazy("change of the e-mail address"),
    Undone.PHONE: lazy("change of the number"),
    Undone.PASSWORD: lazy("password"),
    Undone.PASSKEY: lazy("passkeys added lately"),
    Undone.PROVIDER: lazy("services linked lately"),
    Undone.APP: lazy("app of the second step"),
    Undone.RECOVERY_CODES: lazy("recovery codes"),
    Undone.DEVICE: lazy("devices known lately"),
}

SEVERITIES: dict[Severity, str] = {
    Severity.INFO: lazy("For information"),
    Severity.WARNING: lazy("Please look"),
    Severity.CRITICAL: lazy("Please act"),
}
SEVERITY_TONES: dict[Severity, str] = {
    Severity.INFO: "neutral",
    Severity.WARNING: "notice",
    Severity.CRITICAL: "negative",
}
