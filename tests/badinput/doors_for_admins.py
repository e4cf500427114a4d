"""Doors for people who steer the portal."""

from __future__ import annotations

from functools import partial

from tests.badinput.doors import act as _act
from tests.badinput.doors import show as _show
from tests.badinput.doors_for_partners import PACK

show = partial(_show, by="admin")
act = partial(_act, by="admin")

_WHY = {"reason": "Vérifié au téléphone"}
_FOUND = {"note": "Vu avec le client"}
_PERSON = {"user_id": "{stranger}"}

PLATFORM = (
    show("admin.overview"),
    show("admin.staff_work", by="chief"),
    act("admin.revoke_staff", by="chief", path={"work_id": "{staff_work}"}),
    show("admin.look_as", by="chief", path={"user_id": "{stranger}"}),
    act("admin.look_as", by="chief", path={"user_id": "{stranger}"}, form=_WHY),
    show("admin.duties", by="chief", path={"user_id": "{support}"}),
    act("admin.duties", by="chief", path={"user_id": "{support}"}, form={**_WHY, "finance": "y"}),
    show("admin.audit_log"),
    show("admin.health"),
    show("admin.jobs"),
    act("admin.run_job", path={"name": "kernel.sweep"}),
    show("admin.failed_jobs"),
    act("admin.retry_follow_up", path={"event_id": "{follow_up}"}),
    act(
        "admin.change_queued_job",
        path={"job_id": "manual-kernel-sweep", "action": "remove"},
        answer=404,
        changes=False,
    ),
    show("admin.job_runs"),
    show("admin.ledger"),
    show("admin.ledger_account", path={"account_id": "{account}"}),
    show("admin.ledger_transfer", path={"transfer_id": "{transfer}"}),
    act("admin.check_ledger"),
    act("admin.compare_wallet"),
    show("admin.house_money"),
    act("admin.house_money", form=_WHY | {"amount": "250000"}),
    show("web.style"),
    show("privacy_admin.retention"),
    show("privacy_admin.compliance"),
    show("admin.users"),
    show("admin.user", path=_PERSON, changes=True),
    show("admin.user_decision", path=_PERSON | {"decision": "suspension"}, changes=True),
    act(
        "admin.user_decision",
        path=_PERSON | {"decision": "suspension"},
        form=_WHY,
        grows=frozenset({"data_accesses"}),
    ),
    act("admin.user_notes", path=_PERSON, form={"notes": "À rappeler"}, grows=frozenset({"data_accesses"})),
    act("admin.unlock_user", path=_PERSON),
    show("admin.values"),
    show("admin.value", path={"key": "points.rate"}),
    act("admin.value", path={"key": "points.rate"}, form=_WHY | {"value": "2.5"}),
)

_PAPER = {"paper_id": "{paper}"}

PAPERS = (
    show("people_admin.papers"),
    # That somebody looks is noted.
    show("people_admin.paper", path=_PAPER, changes=True),
    show("people_admin.scan", path=_PAPER, changes=True),
    act("people_admin.approve", path=_PAPER),
    act("people_admin.refuse", path=_PAPER, form=_WHY, grows=frozenset({"audit_logs", "data_accesses"})),
)

_WARD = {"minor_id": "{ward}"}

GUARDIANS = (
    show("guardians_admin.index"),
    # That somebody looks is noted.
    show("guardians_admin.case", path=_WARD, changes=True),
    act(
        "guardians_admin.case",
        path=_WARD,
        form=_WHY | {"guardian": "{guardian}", "decision": "end"},
        grows=frozenset({"data_accesses"}),
    ),
)

_DELIVERY = {"delivery_id": "{dead_delivery}"}
_TEMPLATE = {"template_id": "{template}"}
_WORDS = {
    "subject": "Bonjour {{name}}",
    "body": "Il y a du nouveau.",
    "sms": "Du nouveau",
    "action": "Voir",
    "html": "<p>Du nouveau</p>",
    "channels": ["email"],
}

MESSAGES = (
    show("notifications_admin.deliveries"),
    act("notifications_admin.retry", path=_DELIVERY),
    show("notifications_admin.rates"),
    show("notifications_admin.template_list"),
    show("notifications_admin.template", path=_TEMPLATE),
    act("notifications_admin.template", path=_TEMPLATE, form=_WORDS),
    act("notifications_admin.sample", path=_TEMPLATE, form={"email": "guest@example.org"}),
)

_PACK = {"pack_id": "{pack}"}
_HOUSE = {"partner_id": "{house}"}
_DETAILS = {
    "name": "Le Djoloff",
    "type": "spa",
    "description": "Cuisine du pays",
    "contact_name": "Ndèye Sow",
    "contact_email": "contact@example.org",
    "contact_phone": "77 222 33 44",
    "business_registration": "SN-DKR-2020-B-1",
    "tax_id": "0012345",
}
_TERMS = {"revenue_split_percentage": "75.5", "payment_terms": "weekly", "minimum_payout_minor": "5000"}
_DECISION = _HOUSE | {"name": "suspension"}
_MEMBER = _HOUSE | {"member_id": "{member}"}

HOUSES = (
    show("partners_admin.index"),
    show("partners_admin.new"),
    act("partners_admin.new", form=_DETAILS | {"name": "Nouvelle", "owner": "fatou@example.org"}),
    show("partners_admin.detail", path=_HOUSE),
    act("partners_admin.detail", path=_HOUSE, form={"contact": "fatou@example.org", "role": "staff"}),
    act(
        "partners_admin.invitation",
        path=_HOUSE | {"invitation_id": "{house_invitation}", "step": "cancellation"},
    ),
    show("partners_admin.edit", path=_HOUSE),
    act("partners_admin.edit", path=_HOUSE, form=_DETAILS),
    show("partners_admin.terms", path=_HOUSE),
    act("partners_admin.terms", path=_HOUSE, form=_TERMS),
    act("partners_admin.verification", path={"partner_id": "{waiting_house}"}),
    show("partners_admin.decision", path=_DECISION),
    act("partners_admin.decision", path=_DECISION, form=_WHY),
    show("partners_admin.remove_member", path=_MEMBER),
    act("partners_admin.remove_member", path=_MEMBER),
    show("packs_admin.index"),
    show("packs_admin.new", query={"partner": "{house}"}),
    act("packs_admin.new", query={"partner": "{house}"}, form=PACK),
    show("packs_admin.edit", path=_PACK),
    act("packs_admin.edit", path=_PACK, form=PACK),
    act("packs_admin.offer", path=_PACK, form={"is_active": "no"}),
    act("packs_admin.add_picture", path=_PACK, files={"gallery_photo": "photo.png"}),
    act("packs_admin.remove_picture", path=_PACK | {"file_id": "{pack_photo}"}),
)

_POT = {"pot_id": "{pot}"}
_GIFT = {"donation_id": "{gift}"}
_PAYMENT = {"payment_id": "{payment}"}
_CHECKED = {"payment_id": "{checked_payment}"}
_EVENT = {"event_id": "{event}"}
_LOOK = frozenset({"data_accesses"})
_BACK = {"reason": "user_request", "description": "Demande du donateur"}
_SETTLEMENT = {"settlement_id": "{settlement}"}
_DISPUTED = {"settlement_id": "{disputed_settlement}"}
_CODE = {"code_id": "{code_to_cancel}"}
_TO_OTHER = {"destination": "{other_destination}"}

MONEY = (
    show("pots_admin.index"),
    show("pots_admin.detail", path=_POT),
    show("pots_admin.end", path=_POT),
    act("pots_admin.end", path=_POT, form=_WHY),
    show("pots_admin.donations"),
    show("pots_admin.sums"),
    # Whoever gave it reads that staff looked, also once it has an account only later.
    show("pots_admin.donation", path=_GIFT, changes=True),
    act("pots_admin.release", path={"donation_id": "{held_gift}"}, form=_WHY, grows=_LOOK),
    show("pots_admin.refund", path=_GIFT, changes=True),
    act("pots_admin.refund", path=_GIFT, form=_BACK, grows=_LOOK),
    show("payments_admin.transactions"),
    show("payments_admin.transaction", path=_PAYMENT),
    act("payments_admin.close_review", path=_CHECKED, form=_FOUND),
    show("payments_admin.refund", path=_PAYMENT),
    act("payments_admin.refund", path=_PAYMENT, form=_BACK | {"amount": "500"}),
    show("payments_admin.refunds"),
    act("payments_admin.retry_refund", path={"refund_id": "{refund}"}),
    show("payments_admin.webhooks"),
    show("payments_admin.webhook", path=_EVENT),
    act("payments_admin.retry_webhook", path=_EVENT),
    act("payments_admin.dismiss_webhook", path=_EVENT, form=_FOUND),
    show("redemptions_admin.log"),
    show("redemptions_admin.detail", path=_CODE, changes=True),
    act("redemptions_admin.detail", path=_CODE, form=_WHY),
    show("settlements_admin.index"),
    show("settlements_admin.show", path=_SETTLEMENT),
    act("settlements_admin.approve", path=_SETTLEMENT, form={"destination": "{destination}"}),
    act("settlements_admin.resolve", path=_DISPUTED, form={"reason": "Corrigé", "correction": "500"}),
    show("settlements_admin.correction", path=_HOUSE),
    act("settlements_admin.correction", path=_HOUSE, form={"correction": "-500", "reason": "Erreur"}),
    show("settlements_admin.document", path=_SETTLEMENT | {"paper": "invoice"}),
    show("settlements_admin.lines", path=_SETTLEMENT),
    show("payouts_admin.index"),
    show("payouts_admin.show", path={"payout_id": "{payout}"}),
    act("payouts_admin.stop", path={"payout_id": "{payout}"}, form=_WHY),
    act("payouts_admin.retry", path={"payout_id": "{failed_payout}"}, form=_TO_OTHER),
    act("payouts_admin.ask", path={"payout_id": "{unknown_payout}"}),
)

_REFERRAL = {"referral_id": "{referral}"}
_SPONSOR = {"sponsor_id": "{sponsor}"}
_AWARD = {"award_id": "{award}"}

WORD_OF_MOUTH = (
    show("referrals_admin.index"),
    show("referrals_admin.detail", path=_REFERRAL, changes=True),
    act("referrals_admin.detail", path=_REFERRAL, form={"notes": "À rappeler"}, grows=_LOOK),
    show("referrals_admin.sponsor", path=_SPONSOR, changes=True),
    act("referrals_admin.sponsor", path=_SPONSOR, form=_WHY | {"maximum": "60"}),
    show("referrals_admin.awards"),
    show("referrals_admin.revoke", path=_AWARD, changes=True),
    act("referrals_admin.revoke", path=_AWARD, form=_WHY),
)

_COMPANY = {"company_id": "{company}"}
_COMPANY_FACTS = {"name": "Baobab Mobile", "contact_email": "contact@example.org"}
_STOP = _COMPANY | {"name": "suspension"}
_COMPANY_MEMBER = _COMPANY | {"member_id": "{company_member}"}

_COMPANY_INVITATION = {"invitation_id": "{company_invitation}", "step": "cancellation"}

COMPANIES = (
    show("campaigns_admin.index"),
    show("campaigns_admin.new"),
    act("campaigns_admin.new", form=_COMPANY_FACTS | {"owner": "fatou@example.org"}),
    show("campaigns_admin.detail", path=_COMPANY),
    act("campaigns_admin.detail", path=_COMPANY, form={"contact": "fatou@example.org", "role": "viewer"}),
    act("campaigns_admin.invitation", path=_COMPANY | _COMPANY_INVITATION),
    show("campaigns_admin.edit", path=_COMPANY),
    act("campaigns_admin.edit", path=_COMPANY, form=_COMPANY_FACTS),
    act("campaigns_admin.approval", path={"company_id": "{waiting_company}"}),
    show("campaigns_admin.decision", path=_STOP),
    act("campaigns_admin.decision", path=_STOP, form=_WHY),
    show("campaigns_admin.remove_member", path=_COMPANY_MEMBER),
    act("campaigns_admin.remove_member", path=_COMPANY_MEMBER),
)
