"""The operator values: every number of reconciliation §5 has its one home here."""

from __future__ import annotations

from decimal import Decimal

from portal.config.registry import HIDDEN, REGISTRY, Setting, forget_cached_values, value_of
from portal.config.registry import setting as _setting
from portal.kernel.i18n import lazy

__all__ = ["HIDDEN", "REGISTRY", "Setting", "forget_cached_values", "value_of"]

POINTS_REFERRAL_ACCEPTED = _setting(
    "points.referral_accepted", 100, lazy("Points for an accepted invitation"), "G-01", 0, 100_000
)
POINTS_POT_OPENED = _setting(
    "points.pot_opened", 50, lazy("Points when a friend's pot opens"), "G-01", 0, 100_000
)
POINTS_FIRST_DONATION = _setting(
    "points.first_donation", 100, lazy("Points for a friend's first gift"), "G-01", 0, 100_000
)
POINTS_MATURE_DAYS = _setting("points.mature_days", 14, lazy("Days until points mature"), "G-02", 0, 365)
POINTS_RATE = _setting(
    "points.rate", Decimal("1.0000"), lazy("Francs for one point"), "G-03", Decimal("0.0001"), Decimal(1000)
)
POINTS_MINIMUM = _setting(
    "points.minimum", 500, lazy("Fewest points that can be converted"), "G-03", 1, 1_000_000
)
INVITATIONS_PER_DAY = _setting(
    "invitations.per_day", 50, lazy("Invitations a sponsor may send in a day"), "R-32", 1, 500
)
ACTIVATION_DAYS = _setting(
    "referrals.activation_days", 7, lazy("Active days after which a friend counts as active"), "G-06", 1, 30
)
ACTIVATION_WINDOW = _setting(
    "referrals.activation_window", 30, lazy("Days after joining in which they are counted"), "G-06", 1, 60
)
INVITATIONS_TO_ONE = _setting(
    "invitations.to_one_person",
    3,
    lazy("Invitations that one person gets in 24 hours, whoever invites"),
    "G-31",
    1,
    50,
)
INVITATION_DAYS = _setting("invitations.days", 7, lazy("Days until an invitation expires"), "M-08", 1, 90)
POT_OPEN_DAYS = _setting("pots.open_days", 30, lazy("Days before the birthday a pot opens"), "POT-03", 1, 180)
POT_CHOICE_DAYS = _setting(
    "pots.choice_days", 7, lazy("Days after the birthday to choose a pack"), "G-10", 0, 60
)
DONORS = "donors"
POT_LEFTOVER = Setting(
    "pots.leftover", "wallet", lazy("Where the rest of a pot goes"), "G-12", choices=("wallet", DONORS)
)
REGISTRY[POT_LEFTOVER.key] = POT_LEFTOVER
POT_TARGET_MAX = _setting(
    "pots.target_max", 2_000_000, lazy("Largest target of a pot (F CFA)"), "POT-02", 1_000, 100_000_000
)
DONATION_MIN = _setting("donations.min", 100, lazy("Smallest gift (F CFA)"), "DON-02", 1, 100_000)
DONATION_MAX = _setting("donations.max", 1_000_000, lazy("Largest gift (F CFA)"), "DON-02", 100, 10_000_000)
DONATION_REFUND_DAYS = _setting(
    "donations.refund_days", 30, lazy("Days a gift can be refunded"), "G-02", 0, 365
)
RISK_HOLD = _setting("donations.risk_hold", 70, lazy("Risk score that holds a gift"), "G-16", 0, 101)
RISK_REFUSE = _setting("donations.risk_refuse", 90, lazy("Risk score that refuses a gift"), "G-16", 0, 101)
CODE_MINUTES = _setting("identity.code_minutes", 10, lazy("Minutes a sign-in code is valid"), "G-19", 1, 10)
CODE_TRIES = _setting("identity.code_tries", 5, lazy("Tries for a sign-in code"), "G-19", 1, 20)
CODE_SENDS = _setting("identity.code_sends", 3, lazy("Sign-in codes sent in an hour"), "G-19", 1, 20)
MOST_DIGITS = 12
CODE_DIGITS = _setting("identity.code_digits", 6, lazy("Digits of a sign-in code"), "G-19", 6, 8)
GUARDED_DIGITS = _setting(
    "identity.guarded_digits",
    10,
    lazy("Digits of a sign-in code after many wrong ones"),
    "G-19",
    9,
    MOST_DIGITS,
)
WRONG_CODES_PER_DAY = _setting(
    "identity.wrong_codes_per_day",
    20,
    lazy("Wrong sign-in codes for one number in a day, after which codes are longer"),
    "G-19",
    1,
    1000,
)
CODES_PER_DAY = _setting(
    "identity.codes_per_day",
    5_000,
    lazy("Codes by SMS sent in a day, to everybody together"),
    "G-19",
    10,
    1_000_000,
)
CODE_SENDS_TO_STRANGERS = _setting(
    "identity.code_sends_to_strangers",
    6,
    lazy("Sign-in codes sent to one number in an hour, to all networks together that nobody knows"),
    "G-19",
    1,
    100,
)
SESSION_DAYS = _setting("identity.session_days", 30, lazy("Days a session lasts"), "G-30", 1, 365)
SESSION_IDLE_DAYS = _setting(
    "identity.session_idle_days", 14, lazy("Days after which a session that nobody uses ends"), "G-30", 1, 365
)
ADMIN_SESSION_HOURS = _setting(
    "identity.admin_session_hours",
    8,
    lazy("Hours after which an admin has to sign in again"),
    "G-30",
    1,
    24,
)
LOOK_MINUTES = _setting(
    "identity.look_minutes",
    15,
    lazy("Minutes in which a super admin may view the portal as somebody else"),
    "G-30",
    1,
    60,
)
ADMIN_SESSION_IDLE_MINUTES = _setting(
    "identity.admin_session_idle_minutes",
    30,
    lazy("Minutes without activity after which an admin has to sign in again"),
    "G-30",
    1,
    240,
)
LOCK_FAILURES = _setting("identity.lock_failures", 5, lazy("Failed sign-ins that lock"), "G-29", 1, 50)
LOCK_MINUTES = _setting("identity.lock_minutes", 15, lazy("Minutes of the first lock"), "G-29", 1, 1440)
# No longer than the tries are looked back to, or a lock would be forgotten while it lasts.
LONGEST_LOCK = _setting(
    "identity.longest_lock", 24, lazy("Hours of the longest lock; each one is twice as long"), "G-29", 1, 24
)
PARTNER_SPLIT = _setting(
    "partners.split", Decimal("80.00"), lazy("A new partner's share (%)"), "PRT-04", Decimal(0), Decimal(100)
)
PARTNER_MINIMUM_PAYOUT = _setting(
    "partners.minimum_payout", 10_000, lazy("Smallest payout to a partner (F CFA)"), "PRT-06", 0, 10_000_000
)
PACK_VALIDITY_DAYS = _setting(
    "packs.validity_days", 90, lazy("Days a gift is valid from the birthday"), "PACK-11", 1, 730
)
CODE_REMIND_DAYS = _setting(
    "redemptions.remind_days", 7, lazy("Days before its end that a gift is recalled"), "QR-04", 1, 60
)
TYPED_MISSES = _setting(
    "redemptions.typed_misses", 10, lazy("Unknown codes one person may type in ten minutes"), "QR-02", 1, 1000
)

DIGEST_HOUR = _setting(
    "notifications.digest_hour", 8, lazy("Hour of a person's day at which a digest is sent"), "NTF-43", 0, 23
)

POT_TARGET_MIN = _setting(
    "pots.target_min", 1_000, lazy("Smallest target of a pot (F CFA)"), "POT-02", 1, 1_000_000
)
POT_TARGET_DEFAULT = _setting(
    "pots.target_default",
    25_000,
    lazy("Target of a pot that an invitation makes (F CFA)"),
    "POT-14",
    1,
    2_000_000,
)
RISK_WINDOW_MINUTES = _setting(
    "donations.risk_window", 60, lazy("Minutes of gifts that the risk score looks at"), "DON-10", 1, 1440
)

LOCK_WINDOW_MINUTES = _setting(
    "identity.lock_window", 15, lazy("Minutes in which failed sign-ins are counted"), "G-29", 1, 1440
)
RESET_HOURS = _setting("identity.reset_hours", 1, lazy("Hours a new-password link works"), "G-30", 1, 48)
CONFIRM_HOURS = _setting(
    "identity.confirm_hours", 24, lazy("Hours an e-mail confirmation link works"), "G-30", 1, 168
)
UNLOCK_HOURS = _setting(
    "identity.unlock_hours", 24, lazy("Hours a link works that opens a locked account"), "G-30", 1, 168
)
PROOF_MINUTES = _setting(
    "identity.proof_minutes",
    30,
    lazy("Minutes in which a confirmed number or address may open an account"),
    "G-19",
    1,
    1440,
)
LINKS_PER_HOUR = _setting(
    "identity.links_per_hour", 3, lazy("Links sent to one e-mail address in an hour"), "G-19", 1, 20
)
TAKE_BACK_DAYS = _setting(
    "identity.take_back_days",
    7,
    lazy("Days in which the earlier e-mail address or number can undo a change"),
    "ID-51",
    1,
    60,
)
SIGN_INS_PER_MINUTE = _setting(
    "identity.sign_ins_per_minute", 10, lazy("Sign-ins in a minute from one address"), "G-31", 1, 1000
)
API_PER_MINUTE = _setting(
    "api.requests_per_minute", 120, lazy("API requests of one person in a minute"), "G-31", 1, 10_000
)
SIGN_UPS_PER_HOUR = _setting(
    "identity.sign_ups_per_hour", 10, lazy("New accounts in an hour from one address"), "G-31", 1, 1000
)
CODES_PER_ADDRESS = _setting(
    "identity.codes_per_address", 20, lazy("Codes asked for in an hour from one address"), "G-19", 1, 1000
)
SECOND_FACTOR_REQUIRED = _setting(
    "identity.second_factor_required",
    False,
    lazy(
        "Admins and the owners of partners and companies need a second step to sign in (in production always)"
    ),
    "ASVS 6.3.3",
)
STEP_UP_MINUTES = _setting(
    "identity.step_up_minutes",
    10,
    lazy("Minutes for which a confirmation of identity stays valid"),
    "ASVS 7.5.3",
    1,
    60,
)
LINKS_PER_MINUTE = _setting(
    "referrals.links_per_minute",
    120,
    lazy("Invitation links opened in a minute from one address"),
    "G-31",
    1,
    10_000,
)
LEAVING_DAYS = _setting(
    "privacy.leaving_days",
    30,
    lazy("Days in which a closed account can be restored"),
    "PRV-07",
    1,
    90,
)
EXPORT_DAYS = _setting(
    "privacy.export_days", 7, lazy("Days in which a copy of personal data can be downloaded"), "PRV-01", 1, 60
)
EXPORTS_PER_DAY = _setting(
    "privacy.exports_per_day", 3, lazy("Copies of their data a person may request in a day"), "PRV-01", 1, 50
)
TERMS_DAYS = _setting(
    "privacy.terms_days", 14, lazy("Days in which agreeing to new terms may be postponed"), "PRV-03", 0, 180
)
