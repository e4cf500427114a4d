"""Doors for a partner's team (the till, the house, its packs and its money) and for a sponsor company's people."""

from __future__ import annotations

from tests.badinput.doors import act, show

_HOUSE = {
    "name": "Le Djoloff",
    "type": "restaurant",
    "description": "Cuisine du pays",
    "contact_name": "Ndèye Sow",
    "contact_email": "contact@example.org",
    "contact_phone": "77 222 33 44",
    "business_registration": "SN-DKR-2020-B-1",
    "tax_id": "0012345",
}
_PLACE = {
    "name": "Almadies",
    "street": "Route des Almadies",
    "city": "Dakar",
    "region": "Dakar",
    "phone": "77 222 33 45",
    "latitude": "14.74",
    "longitude": "-17.51",
}
PACK = {
    "name": "Brunch",
    "category": "restaurant",
    "description": "Un brunch complet",
    "base_price_minor": "12000",
    "discounted_price_minor": "10000",
    "first_day": "2026-03-01",
    "last_day": "2026-12-31",
    "total_available_quantity": "50",
    "max_redemptions_per_user": "2",
    "validity_days": "90",
    "venue_ids": ["{venue}"],
    "terms_and_conditions": "Sur réservation",
    "redemption_instructions": "Montrez le code",
    "seo_title": "Brunch à Dakar",
    "seo_description": "Le brunch du dimanche",
    "marketing_tags": "brunch, dimanche",
}
_PACK = {"pack_id": "{pack}"}
_PHOTO = _PACK | {"file_id": "{pack_photo}"}
_VENUE = {"venue_id": "{venue}"}
_MEMBER = {"member_id": "{member}"}
_INVITATION = {"invitation_id": "{house_invitation}", "step": "cancellation"}
_SETTLEMENT = {"settlement_id": "{settlement}"}
_MISSES = frozenset({"qr_redemption_logs"})

TILL = (
    show("redemptions_partner.home", "staff", answer=303),
    show("redemptions_partner.scanner", "staff"),
    act(
        "redemptions_partner.scan",
        "staff",
        form={"code": "{typed_code}", "venue": "{venue}", "nonce": "tap"},
        grows=_MISSES,
        carried=frozenset({"venue", "nonce"}),
    ),
    show("redemptions_partner.ready", "staff", path={"permit": "{permit}"}, unknown=303),
    act(
        "redemptions_partner.redeem",
        "staff",
        form={"permit": "{permit}", "notes": "Table 4"},
        refuses={"permit": 409},
    ),
    show("redemptions_partner.log", "staff"),
    show("redemptions_partner.result", "staff", path={"log_id": "{scan}"}),
)

HOUSE = (
    show("partners_partner.apply", "stranger"),
    act("partners_partner.apply", "stranger", form=_HOUSE | {"name": "Maison Sow"}),
    act("partners_partner.switch", "staff", form={"partner": "{house}"}, changes=False, carried={"next"}),
    show("partners_partner.organisation", "staff"),
    show("partners_partner.edit_organisation", "owner"),
    act("partners_partner.edit_organisation", "owner", form=_HOUSE),
    show("partners_partner.edit_habits", "owner"),
    act("partners_partner.edit_habits", "owner", form={"redemptions": "y"}),
    show("partners_partner.venues", "staff"),
    show("partners_partner.new_venue", "manager"),
    act("partners_partner.new_venue", "manager", form=_PLACE),
    show("partners_partner.edit_venue", "manager", path=_VENUE),
    act("partners_partner.edit_venue", "manager", path=_VENUE, form=_PLACE),
    act("partners_partner.open_venue", "manager", path=_VENUE, form={"is_active": "no"}),
    show("partners_partner.team", "staff"),
    act("partners_partner.invite", "manager", form={"contact": "fatou@example.org", "role": "staff"}),
    act("partners_partner.invitation", "manager", path=_INVITATION),
    show("partners_partner.member", "manager", path=_MEMBER),
    act("partners_partner.member", "owner", path=_MEMBER, form={"role": "manager"}),
    show("partners_partner.remove_member", "manager", path=_MEMBER),
    act("partners_partner.remove_member", "manager", path=_MEMBER),
)

SHELF = (
    show("packs_partner.index", "staff"),
    show("packs_partner.new", "manager"),
    act("packs_partner.new", "manager", form=PACK),
    show("packs_partner.edit", "manager", path=_PACK),
    act("packs_partner.edit", "manager", path=_PACK, form=PACK),
    act("packs_partner.offer", "manager", path=_PACK, form={"is_active": "no"}),
    act("packs_partner.add_picture", "manager", path=_PACK, files={"gallery_photo": "photo.png"}),
    act("packs_partner.remove_picture", "manager", path=_PHOTO),
)

MONEY = (
    show("settlements_partner.dashboard", "staff"),
    show("settlements_partner.index", "manager"),
    show("settlements_partner.show", "manager", path=_SETTLEMENT),
    act(
        "settlements_partner.dispute",
        "manager",
        path=_SETTLEMENT,
        form={"reason": "Il manque un repas"},
    ),
    show("settlements_partner.document", "manager", path=_SETTLEMENT | {"paper": "invoice"}),
    show("settlements_partner.lines", "manager", path=_SETTLEMENT),
    show("settlements_partner.statement", "manager"),
    show("payouts_partner.account", "owner"),
    act(
        "payouts_partner.account",
        "owner",
        form={"phone": "77 333 44 55", "holder_name": "Ndèye Sow"},
    ),
)

_COMPANY_MEMBER = {"member_id": "{company_member}"}
_COMPANY_INVITATION = {"invitation_id": "{company_invitation}", "step": "cancellation"}

COMPANY = (
    show("campaigns_company.overview", "company_viewer"),
    act(
        "campaigns_company.invite",
        "company_owner",
        form={"contact": "fatou@example.org", "role": "manager"},
    ),
    act("campaigns_company.invitation", "company_owner", path=_COMPANY_INVITATION),
    act("campaigns_company.switch", "company_viewer", form={"company": "{company}"}, changes=False),
    show("campaigns_company.member", "company_owner", path=_COMPANY_MEMBER),
    act("campaigns_company.member", "company_owner", path=_COMPANY_MEMBER, form={"role": "manager"}),
    show("campaigns_company.remove_member", "company_owner", path=_COMPANY_MEMBER),
    act("campaigns_company.remove_member", "company_owner", path=_COMPANY_MEMBER),
)
