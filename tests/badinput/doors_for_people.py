"""Doors for people with an account: their profile and messages, their pots, and bringing friends."""

from __future__ import annotations

from tests.badinput.doors import DONE, PAGE, Door, act, show

_SETTINGS = {
    "locale": "fr-SN",
    "timezone": "Africa/Dakar",
    "currency": "XOF",
    "theme": "system",
    "profile_visible": "y",
    "share_referral_stats": "y",
    "allow_contact_by_sponsors": "y",
    "share_birthday": "y",
}
_WISHES = {
    "in_app_enabled": "y",
    "email_enabled": "y",
    "sms_enabled": "y",
    "pot": ["in_app", "email"],
    "donation": ["email"],
    "referral": ["sms"],
    "marketing": "y",
    "digest_frequency": "weekly",
    "quiet_hours_enabled": "y",
    "quiet_from": "22:00",
    "quiet_until": "07:00",
}
_PROFILE = {
    "full_name": "Awa Ndiaye",
    "display_name": "Awa",
    "bio": "Couturière",
    "interests": "Musique, lutte",
    "country": "SEN",
    "region": "Dakar",
    "department": "Pikine",
    "region_abroad": "",
    "city": "Dakar",
}
_ABOUT = {
    "gender": "woman",
    "occupation": "own_business",
    "household": "6",
    "instagram": "awa.ndiaye",
    "facebook": "awa.ndiaye",
    "tiktok": "awa.ndiaye",
    "x": "awa_ndiaye",
    "linkedin": "awa-ndiaye",
    "youtube": "awandiaye",
}
_OFFER = {
    "host_type": "guide",
    "about": "La Médina le soir",
    "languages": "wolof, français",
    "is_available": "y",
}
_POST = {
    "type": "primary",
    "street": "Sacré-Cœur 3",
    "country": "SEN",
    "region": "Dakar",
    "department": "Dakar",
    "region_abroad": "",
    "city": "Dakar",
    "postal_code": "12500",
    "is_default": "y",
}
_PAPER = {"kind": "passport", "country": "SEN", "number": "A12345678"}
_ADDRESS = {"address_id": "{address}"}
_MINOR = {"minor_id": "{child}"}
_MESSAGE = {"notification_id": "{message}"}
_OFFERED = {"invitation_id": "{house_invitation}"}
_NEXT = frozenset({"next"})

SELF = (
    show("web.feed", "client"),
    show("identity_api.me", "client"),
    Door(
        "identity_api.change_me",
        "PATCH",
        "client",
        form={"name": "Awa Fall", "preferred_language": "en", "timezone": "Europe/Paris"},
        changes=True,
    ),
    show("people.profile", "client"),
    show("people.edit_profile", "client"),
    act("people.edit_profile", "client", form=_PROFILE),
    show("people.about", "client"),
    act("people.about", "client", form=_ABOUT),
    show("people.services", "client"),
    act("people.services", "client", form=_OFFER),
    show("people.address_list", "client"),
    show("people.add_address", "client"),
    act("people.add_address", "client", form=_POST),
    show("people.change_address", "client", path=_ADDRESS),
    act("people.change_address", "client", path=_ADDRESS, form=_POST | {"street": "Médina, rue 22"}),
    show("people.ask_before_removing", "client", path=_ADDRESS),
    act("people.remove_address", "client", path=_ADDRESS),
    show("people.person", path={"user_id": "{stranger}"}),
    act("people.write_letter", "sponsor", path={"user_id": "{friend}"}, form={"words": "Viens fêter"}),
    show("people.calendar", "client"),
    act("people.renew_calendar", "client", answer=PAGE),
    act("people.switch_calendar_off", "client"),
    show("people.calendar_feed", path={"secret": "{calendar}"}),
    show("people.paper_list", "client"),
    act("people.paper_list", "client", form=_PAPER, files={"scan": "photo.png"}),
    show("people.own_scan", "guardian", path={"paper_id": "{paper}"}),
    show("people.birthday", "newcomer"),
    act("people.birthday", "newcomer", form={"date_of_birth": "15/03/1991", "next": "/pots"}, carried=_NEXT),
    show("people.name_guardian", "child"),
    act(
        "people.name_guardian",
        "child",
        form={"contact": "fatou@example.org", "relationship": "guardian"},
        carried=_NEXT,
    ),
    act("people.withdraw_guardian_request", "child"),
    show("people.guardian", "guardian"),
    act("people.confirm_guardianship", "guardian", path=_MINOR),
    show("people.ask_before_refusing", "guardian", path=_MINOR),
    act(
        "people.refuse_guardianship",
        "guardian",
        path=_MINOR,
        form={"block": "y", "next": "/guardian"},
        carried=_NEXT | {"block"},
    ),
    act("people.unblock", "guardian", path={"person_id": "{undecided}"}),
    show("people.change_guardian", "ward"),
    act("people.change_guardian", "ward", form={"reason": "Ce n'est pas mon oncle"}),
    act("people.withdraw_change", "ward"),
    show("teams.index", "client"),
    show("teams.show", "client", path=_OFFERED),
    act("teams.accept", "client", path=_OFFERED),
    act("teams.decline", "client", path=_OFFERED),
    show("people.preferences", "client"),
    act("people.preferences", "client", form=_SETTINGS),
    show("notifications.center", "client"),
    show("notifications.open_message", "client", path=_MESSAGE, answer=DONE, changes=True),
    act("notifications.archive", "client", path=_MESSAGE, carried=_NEXT),
    act("notifications.mark_read", "client", path=_MESSAGE, carried=_NEXT),
    act("notifications.mark_all_read", "client", carried=_NEXT),
    show("notifications.unread", "client"),
    show("notifications.preferences", "client"),
    act("notifications.preferences", "client", form=_WISHES),
)

DATA = (
    show("privacy.overview", "client"),
    act("privacy.offers", "client", form={"email": "y", "sms": "y", "whatsapp": "y", "push": "y"}),
    act("privacy.ask", "client"),
    show("privacy.fetch", "client", path={"request_id": "{copy}"}, changes=True),
    show("privacy.leave", "newcomer"),
    act("privacy.leave", "newcomer", form={"sure": "y"}),
    show("privacy.terms", "client"),
    act("privacy.agree_to_terms", "undecided", form={"next": "/pots"}, carried=_NEXT),
)

_POT = {"pot_id": "{pot}"}
_FULL = {"pot_id": "{full_pot}"}
_CODE = {"pot_id": "{code_pot}"}
_CHOICE = _FULL | {"pack_id": "{pack}"}
_NEW_POT = {
    "title": "Aminata a 36 ans",
    "target": "25000",
    "description": "Un dîner entre amis",
    "pack": "{pack}",
    "visibility": "private",
    "allow_anonymous": "y",
    "show_names": "y",
    "enable_messages": "y",
}
_TO_SEND = {"method": "whatsapp", "recipient": "+221771234509", "message": "Viens !"}

POTS = (
    show("pots_client.index", "client"),
    show("pots_client.create", "birthday_child"),
    act("pots_client.create", "birthday_child", form=_NEW_POT),
    show("pots_client.detail", "client", path=_POT),
    show("pots_client.edit", "client", path=_POT),
    act("pots_client.edit", "client", path=_POT, form=_NEW_POT | {"title": "Autre titre"}),
    act("pots_client.add_photo", "client", path=_POT, files={"photo": "photo.png"}),
    act("pots_client.remove_photo", "client", path=_POT | {"file_id": "{photo}"}),
    show("pots_client.preview", "client", path=_POT),
    act("pots_client.invite", "client", path=_POT, form=_TO_SEND),
    show("pots_client.end", "client", path=_POT),
    act("pots_client.end", "client", path=_POT),
    show("pots_client.give_back", "client", path=_POT),
    act("pots_client.give_back", "client", path=_POT),
    show("pots_client.my_gifts", "client"),
    show("redemptions_client.choose", "chooser", path=_FULL),
    show("redemptions_client.confirm", "chooser", path=_CHOICE),
    act("redemptions_client.confirm", "chooser", path=_CHOICE, form={"price": "15000"}),
    show("redemptions_client.code", "beneficiary", path=_CODE),
    show("redemptions_client.code_png", "beneficiary", path=_CODE),
)

_CONTACT = {"contact_id": "{contact}"}
_BATCH = {"batch_id": "{batch}"}
_PERSON = {"name": "Astou", "phone": "77 555 44 33", "email": "astou@example.org"}
_AGREED = {"pot": "{points_pot}", "points": "1000", "francs": "1000", "submission_key": "once"}

SPONSORING = (
    show("referrals_sponsor.dashboard", "sponsor"),
    show("referrals_sponsor.invite", "sponsor", query={"contact": "{contact}"}),
    act("referrals_sponsor.invite", "sponsor", form=_PERSON | {"message": "Viens avec nous"}),
    show("referrals_sponsor.invitations", "sponsor"),
    show("referrals_api.index", "sponsor"),
    show("referrals_api.detail", "sponsor", path={"referral_id": "{expired_referral}"}),
    act(
        "referrals_api.create",
        "sponsor",
        form={
            "referred_phone": "77 123 45 67",
            "referred_name": "Modou",
            "message": "Viens",
            "referred_email": "",
        },
        answer=201,
    ),
    act("referrals_sponsor.invite_again", "sponsor", path={"referral_id": "{expired_referral}"}),
    show("referrals_sponsor.contacts", "sponsor"),
    show("referrals_sponsor.add_contact", "sponsor"),
    act("referrals_sponsor.add_contact", "sponsor", form=_PERSON),
    show("referrals_sponsor.edit_contact", "sponsor", path=_CONTACT),
    act("referrals_sponsor.edit_contact", "sponsor", path=_CONTACT, form=_PERSON),
    show("referrals_sponsor.remove_contact", "sponsor", path=_CONTACT),
    act("referrals_sponsor.remove_contact", "sponsor", path=_CONTACT),
    show("referrals_sponsor.import_contacts", "sponsor"),
    act(
        "referrals_sponsor.import_contacts",
        "sponsor",
        form={"lines": "Astou Cissé, 77 555 44 33"},
        answer=PAGE,
        changes=False,
    ),
    act("referrals_sponsor.confirm_import", "sponsor", form={"sealed": "{sealed}"}),
    show("referrals_sponsor.batches", "sponsor"),
    act("referrals_sponsor.open_batch", "sponsor", changes=False),
    show("referrals_sponsor.batch", "sponsor", path=_BATCH),
    act("referrals_sponsor.send_batch", "sponsor", path=_BATCH, form={"choice": "all", "message": "Viens"}),
    act("referrals_sponsor.skip_batch", "sponsor", path=_BATCH),
    show("referrals_sponsor.points", "sponsor"),
    show("referrals_sponsor.conversion", "sponsor", query={"pot": "{points_pot}", "points": "1000"}),
    act("referrals_sponsor.convert", "sponsor", form=_AGREED),
)
