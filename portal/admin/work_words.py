"""How timed jobs, checks and movements of the ledger read on a page."""

from __future__ import annotations

from portal.kernel.i18n import lazy

JOB_LABELS: dict[str, str] = {
    "kernel.sweep": lazy("Recovers jobs the queue has lost"),
    "kernel.forget": lazy("Forgets what need not be kept"),
    "kernel.clear_files": lazy("Clears away pictures that nothing shows"),
    "audit.make_months": lazy("Prepares the audit log's coming months"),
    "audit.seal": lazy("Seals the audit log"),
    "audit.verify": lazy("Verifies the audit log"),
    "identity.close_staff_work": lazy("Closes staff sessions whose time is over"),
    "admin.lifetime_values": lazy("Counts what people have paid so far"),
    "identity.clear_unfinished": lazy("Clears away sign-ins that nobody has finished"),
    "admin.health": lazy("Checks the portal's health"),
    "ledger.self_check": lazy("Checks the ledger"),
    "notifications.deliver": lazy("Sends messages that are due"),
    "notifications.digest": lazy("Sends summaries"),
    "notifications.analytics": lazy("Counts what was delivered"),
    "people.expire_guardian_requests": lazy("Ends questions to guardians that nobody has answered"),
    "people.grow_up": lazy("Turns minors into adults at 18"),
    "payments.poll_open": lazy("Asks Wave about open payments"),
    "payments.ask_refunds": lazy("Asks Wave about open refunds"),
    "payments.compare_wallet": lazy("Compares Wave's wallet with the books"),
    "payments.match_week": lazy("Compares with Wave's list of the week"),
    "pots.open_due": lazy("Opens pots"),
    "pots.close_due": lazy("Ends pots"),
    "pots.flush_counters": lazy("Counts views and shares"),
    "pots.snapshot": lazy("Records the daily state of pots"),
    "pots.clear_previews": lazy("Clears away old pictures of shared links"),
    "redemptions.announce": lazy("Tells of redeemed gifts"),
    "redemptions.expire": lazy("Ends codes whose time is over"),
    "redemptions.remind": lazy("Recalls gifts that end soon"),
    "referrals.expire": lazy("Ends invitations whose time is over"),
    "referrals.mature": lazy("Makes points available"),
    "referrals.accept": lazy("Finds accepted invitations"),
    "referrals.activate": lazy("Finds friends who have stayed"),
    "privacy.erase_due": lazy("Erases people who have left"),
    "privacy.keep_in_time": lazy("Removes what has been kept long enough"),
    "settlements.compute": lazy("Makes settlements"),
    "payouts.poll": lazy("Asks Wave about open payouts"),
    "teams.expire": lazy("Ends invitations into teams whose time is over"),
}

# What is looked at, by service and check.
CHECK_LABELS: dict[tuple[str, str], str] = {
    ("PostgreSQL", "answers"): lazy("The database answers"),
    ("PostgreSQL", "rights"): lazy("The portal owns no tables"),
    ("Valkey", "answers"): lazy("The cache answers"),
    ("jobs", "queue"): lazy("Jobs that wait"),
    ("jobs", "workers"): lazy("Workers"),
    ("jobs", "schedule"): lazy("The schedule runs"),
    ("jobs", "follow-ups"): lazy("Follow-ups failed for good"),
    ("ledger", "self check"): lazy("The ledger is checked"),
    ("audit", "whole"): lazy("The audit log is intact"),
    ("audit", "sealed"): lazy("The audit log is sealed"),
    ("money", "on its way"): lazy("Money on its way"),
    ("money", "at rest"): lazy("Money that lies still"),
    ("messages", "codes"): lazy("Codes by SMS of today"),
    ("messages", "unproved"): lazy("Text messages of today to numbers nobody has proved"),
    ("Wave", "answers"): lazy("Wave answers"),
    ("disk", "room"): lazy("Room on the disk"),
}

# Why a check is not healthy, where the check itself knows.
CHECK_PROBLEMS: dict[str, str] = {
    "the portal owns its tables": lazy(
        "The portal works as the owner of its tables; give it a role of its own."
    ),
    "no worker": lazy("No worker runs."),
    "the schedule stands still": lazy("The schedule stands still."),
    "the ledger has not been checked": lazy("The ledger has not been checked for hours."),
    "the audit log has not been proved": lazy("The audit log has not been verified for hours."),
    "rows of the audit log wait": lazy("Rows of the audit log have not been sealed for minutes."),
    "no more codes today": lazy("The codes by SMS of today are used up. Somebody may be spending them."),
    "few codes are left today": lazy("The codes by SMS of today are nearly used up."),
    "text messages wait for tomorrow": lazy(
        "Text messages to numbers nobody has proved wait for tomorrow. Somebody may be spending them."
    ),
    "little room is left for text messages today": lazy(
        "The text messages of today to numbers nobody has proved are nearly used up."
    ),
    "the disk is nearly full": lazy("The disk is nearly full."),
    "little room is left": lazy("Little room is left on the disk."),
}

TRANSFER_LABELS: dict[str, str] = {
    "apart_refund": lazy("Money kept apart given back"),
    "donation": lazy("Gift of money"),
    "donation_refund": lazy("Gift given back"),
    "gift_kept_for_donor": lazy("Gift kept for its donor"),
    "explained": lazy("Wave line matched"),
    "house_money": lazy("Operator's money"),
    "kept_apart": lazy("Money kept apart"),
    "opening_balance": lazy("Wave's wallet before the first gift"),
    "payout": lazy("Payout"),
    "payout_taken_back": lazy("Payout taken back by Wave"),
    "points_converted": lazy("Points turned into francs"),
    "points_credit": lazy("Francs from points"),
    "points_adjustment": lazy("Points set right"),
    "points_campaign": lazy("Points of a campaign"),
    "points_first_donation": lazy("Points for a first gift"),
    "points_milestone": lazy("Points for a milestone"),
    "points_pot_opened": lazy("Points for an opened pot"),
    "points_referral_accepted": lazy("Points for an invitation"),
    "points_welcome": lazy("Points to welcome a friend"),
    "points_profile_complete": lazy("Points for a whole profile"),
    "points_revoked": lazy("Points taken back"),
    "pot_rest": lazy("Rest of a pot"),
    "provider_fee": lazy("Fee of Wave"),
    "qr_canceled": lazy("Code canceled"),
    "qr_expired": lazy("Code that was not used"),
    "qr_issued": lazy("Code issued"),
    "qr_redeemed": lazy("Gift served"),
    "settlement_adjustment": lazy("Correction of a settlement"),
    "sweep": lazy("Taken to the bank"),
    "unexplained": lazy("Unmatched Wave line"),
}
