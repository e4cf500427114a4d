"""Tables of people without a period of their own, each with the reason: a test finds every other (PRV-05)."""

from __future__ import annotations

from collections.abc import Mapping

_OWN = "its holder's own, who changes or removes it; gone with the account"
_TEAM = "needed while the house or company is with us; people are taken out when they are erased"
_BOOKS = "the books, whose sums must stay true; ids alone are left once the person is erased"
_BY_ITS_JOB = "gone within the hour after its minutes are over, by the job that clears what nobody finished"

LASTS_BECAUSE: Mapping[str, str] = {
    "app_settings": _OWN,
    "auth_identities": _OWN,
    "consent_records": "proof of what was agreed to, for as long as anybody may ask; ids alone are left",
    "contact_refusals": "so that whoever did not want to be asked is not asked again; a keyed hash, read by nobody",
    "ledger_accounts": _BOOKS,
    "ledger_entries": _BOOKS,
    "ledger_transfers": _BOOKS,
    "notification_deliveries": "gone with the message that it carries",
    "notification_preferences": _OWN,
    "partner_members": _TEAM,
    "partner_settlements": _BOOKS,
    "partner_venues": _TEAM,
    "partners": _TEAM,
    "passkey_challenges": _BY_ITS_JOB,
    "passkeys": _OWN,
    "payment_methods": _OWN,
    "payouts": _BOOKS,
    "pending_sign_ins": _BY_ITS_JOB,
    "point_awards": _BOOKS,
    "points_conversions": _BOOKS,
    "pot_invitations": "to whom the owner has shown the pot; blank once either of them is erased",
    "profile_completion_status": _OWN,
    "profiles": _OWN,
    "qr_codes": _BOOKS,
    "referrals": "who brought whom, and who has said no and is not asked again; blank once the invited is erased",
    "refunds": _BOOKS,
    "sponsor_companies": _TEAM,
    "sponsor_company_members": _TEAM,
    "sponsor_contacts": "the sponsor's own address book; an entry goes when either of them is erased",
    "sponsor_daily_limits": "counts of a day, by id",
    "status_history": "how each thing came to its state, by ids",
    "stored_files": "gone with the row that shows the file, and by the job that clears files nothing shows",
    "user_addresses": _OWN,
    "user_blocks": _OWN,
    "user_connections": _OWN,
    "user_locations": _OWN,
    "user_metadata": _OWN,
    "user_preferences": _OWN,
    "user_privacy": _OWN,
    "user_security": _OWN,
    "user_service_profiles": _OWN,
    "users": _OWN,
}
